import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { knownText } from "./connection-entry.ts";
import type { ConnectionEntry } from "./connection-entry.ts";

/** Documented in docs/errors/ASP4044.md. */
export const notForEventHubs = defineFinding<{ connection: string; setting: string; wanted: string }>("ASP4044", {
  severity: "error",
  message: ({ connection, setting, wanted }) =>
    `${setting} of the connection \`${connection}\` must be ${wanted} for Event Hubs`,
  notes: () => ["Event Hubs speaks Kafka on port 9093, over SASL_SSL, to the user `$ConnectionString`"],
  help: ({ setting, wanted }) => `set ${setting} to ${wanted}`,
});

/** Checks a Kafka connection to Azure Event Hubs, which takes one kind of credentials. Source: asp-language section 10. */
export function checkEventHubs({ name, connection, at }: ConnectionEntry): readonly Finding[] {
  const servers = (knownText(connection.bootstrapServers) ?? "").split(",").map((server) => server.trim());
  const ours = servers.filter((server) => /\.servicebus\.windows\.net(?::|$)/i.test(server));
  if (ours.length === 0) return [];
  const { authentication = {}, security = {} } = connection;
  const { mechanism } = authentication;
  const username = knownText(authentication.username);
  const password = knownText(authentication.password) ?? "";
  const wrong: readonly (readonly [boolean, readonly [string, ...string[]], string])[] = [
    [
      !ours.every((server) => server.endsWith(":9093")),
      ["bootstrapServers"],
      "`<namespace>.servicebus.windows.net:9093`",
    ],
    [(security.protocol ?? "SASL_SSL") !== "SASL_SSL", ["security", "protocol"], "SASL_SSL"],
    [mechanism?.startsWith("SCRAM") === true, ["authentication", "mechanism"], "PLAIN"],
    [
      mechanism === "PLAIN" && username !== undefined && username !== "$ConnectionString",
      ["authentication", "username"],
      "the text `$ConnectionString`",
    ],
    [
      /^["'].*["']$/s.test(password),
      ["authentication", "password"],
      "the connection string itself without quotes around it",
    ],
  ];
  return wrong
    .filter(([isWrong]) => isWrong)
    .map(([, steps, wanted]) =>
      notForEventHubs(at(steps), { connection: name, setting: `\`${steps.join(".")}\``, wanted }),
    );
}
