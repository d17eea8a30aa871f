import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { ConfigPath } from "../config.ts";
import { knownText } from "./connection-entry.ts";
import type { ConnectionEntry } from "./connection-entry.ts";

/** Documented in docs/errors/ASP4043.md. An address may hold a password and is not repeated. */
export const malformedAddress = defineFinding<{ connection: string; setting: string; wanted: string }>("ASP4043", {
  severity: "error",
  message: ({ connection, setting, wanted }) => `${setting} of the connection \`${connection}\` must be ${wanted}`,
  help: ({ setting }) => `correct ${setting}`,
});

/** Checks the form of the addresses that a connection has: brokers, registries, a web server, a storage account. */
export function checkAddresses({ name, connection, at }: ConnectionEntry): readonly Finding[] {
  const refuse = (steps: ConfigPath, setting: string, wanted: string): readonly Finding[] => [
    malformedAddress(at(steps), { connection: name, setting, wanted }),
  ];
  switch (connection.type) {
    case "Kafka": {
      const servers = knownText(connection.bootstrapServers);
      if (servers === undefined || servers.split(",").every((server) => isServer(server.trim()))) return [];
      return refuse(
        ["bootstrapServers"],
        "`bootstrapServers`",
        "host:port, several with commas and nothing before them",
      );
    }
    case "Https": {
      const url = knownText(connection.url);
      return url === undefined || isWebAddress(url) ? [] : refuse(["url"], "`url`", httpAddress);
    }
    case "SchemaRegistry":
      return (connection.schemaRegistryUrls ?? []).flatMap((each, index) => {
        const url = knownText(each);
        if (url === undefined || isWebAddress(url)) return [];
        return refuse(["schemaRegistryUrls", index], `address ${index + 1} in \`schemaRegistryUrls\``, httpAddress);
      });
    case "AzureBlobStorage": {
      const account = knownText(connection.azure?.["storageAccountName"]);
      if (account === undefined || /^[a-z0-9]{3,24}$/.test(account)) return [];
      const setting = "`azure.storageAccountName`";
      return refuse(
        ["azure", "storageAccountName"],
        setting,
        "3 to 24 lower-case letters and digits, without a domain",
      );
    }
    default:
      return [];
  }
}

const httpAddress = "an address that begins with https:// or http://";

/** A host, or an IPv6 address in brackets; Kafka's clients take 9092 where there is no port. */
function isServer(server: string): boolean {
  const [, port] = /^(?:\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i.exec(server) ?? [undefined, "0"];
  return port === undefined || (Number(port) > 0 && Number(port) < 65_536);
}

function isWebAddress(url: string): boolean {
  return /^https?:\/\/[^\s/]+/i.test(url) && URL.canParse(url);
}
