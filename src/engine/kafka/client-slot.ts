import { AspError } from "../../diagnostics/asp-error.ts";
import { within } from "../within.ts";
import { toKafkaError } from "./kafka-error.ts";

const closeWithinMs = 2000;

interface Closable {
  close(): Promise<void>;
}

/**
 * Keeps one client, made when it is first needed. After an error that may pass it is given up for a new one, which knows nothing of
 * brokers that are gone, and waits for no answer that is lost.
 */
export interface ClientSlot<Client> {
  /** Rejects with AspError, also once it is closed. */
  run<Result>(work: (client: Client) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export function createClientSlot<Client extends Closable>(
  connection: string,
  create: () => Promise<Client>,
): ClientSlot<Client> {
  let current: Promise<Client> | undefined;
  let isClosed = false;

  const giveUp = async (client: Promise<Client>): Promise<void> => {
    // Another operation may have given it up already, and the next one be at work.
    if (current === client) current = undefined;
    // What is on its way to a broker that is gone is not waited for.
    const closing = client.then((each) => each.close()).catch(() => undefined);
    await within(closing, closeWithinMs);
  };

  return {
    run: async (work) => {
      // What comes late would make a client that nobody closes, and that keeps the process alive.
      if (isClosed) throw new AspError("ASP5120", `The Kafka brokers of the connection \`${connection}\` are left`);
      const client = (current ??= create());
      try {
        return await work(await client);
      } catch (cause) {
        const error: AspError = toKafkaError(cause, connection);
        if (error.retryable) void giveUp(client);
        throw error;
      }
    },
    close: async () => {
      isClosed = true;
      if (current !== undefined) await giveUp(current);
    },
  };
}
