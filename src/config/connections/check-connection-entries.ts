import type { Finding } from "../../diagnostics/finding.ts";
import type { Environment } from "../environment.ts";
import { checkAddresses } from "./addresses.ts";
import { checkAuthentication } from "./authentication.ts";
import { connectionEntries } from "./connection-entry.ts";
import type { ConnectionEntry } from "./connection-entry.ts";
import { checkEventHubs } from "./event-hubs.ts";
import { checkKafkaSettings } from "./kafka-settings.ts";
import { checkConnectionName } from "./names.ts";

const rules: Readonly<Record<string, readonly ((entry: ConnectionEntry) => readonly Finding[])[]>> = {
  Kafka: [checkAddresses, checkAuthentication, checkEventHubs, checkKafkaSettings],
  AzureBlobStorage: [checkAddresses],
  SchemaRegistry: [checkAddresses],
  Https: [checkAddresses],
};

/** Checks what an environment's connections say of themselves. Texts that a variable will make are not looked at. */
export function checkConnectionEntries(environment: Environment): readonly Finding[] {
  return connectionEntries(environment).flatMap((entry) => [
    ...checkConnectionName(entry, environment),
    ...(rules[entry.connection.type] ?? []).flatMap((rule) => rule(entry)),
  ]);
}
