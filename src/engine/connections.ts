import type { Connection } from "../config/environment.ts";
import type { Broker } from "./kafka/broker.ts";

/** The connections of an environment that are no clusters. */
export interface Connections {
  /** A connection's entry in the config, `${NAME}` filled in. Throws AspError where there is none, or a variable is missing. */
  settings(connectionName: string): Connection;
  /** The Kafka brokers of a connection: real ones, or a case's topic files. Kept open until {@link close}. */
  broker(connectionName: string): Broker;
  /** Folder that captured output of a cloud's own sinks goes to; below it, a folder for each connection. */
  readonly captureDir: string;
  close(): Promise<void>;
}

/** For processors that name clusters only. */
export const noConnections: Connections = {
  settings: (name) => {
    throw new Error(`the connection ${name} is not open`);
  },
  broker: (name) => {
    throw new Error(`the connection ${name} is not open`);
  },
  captureDir: "",
  close: async () => undefined,
};
