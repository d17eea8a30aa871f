import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { ConnectionEntry } from "./connection-entry.ts";

/** Documented in docs/errors/ASP4042.md. */
export const noMechanism = defineFinding<{ connection: string; protocol: string }>("ASP4042", {
  severity: "error",
  message: ({ connection, protocol }) =>
    `the connection \`${connection}\` uses ${protocol} and has no \`authentication.mechanism\``,
  help: "add `mechanism`: PLAIN, SCRAM-256, SCRAM-512 or OAUTHBEARER",
});

/** Documented in docs/errors/ASP4049.md. */
export const strayCredential = defineFinding<{ connection: string; field: string; scheme: string; goes: string }>(
  "ASP4049",
  {
    severity: "warning",
    message: ({ connection, field, scheme }) =>
      `\`authentication.${field}\` of the connection \`${connection}\` does not go with ${scheme}`,
    notes: ({ field, goes }) => [`\`${field}\` goes with ${goes}`],
    help: ({ field }) => `remove \`${field}\`, or change the mechanism`,
  },
);

const password = ["username", "password"] as const;
const token = ["method", "clientId", "clientSecret", "tokenEndpointUrl", "scope", "saslOauthbearerExtensions"] as const;

/** Checks that a Kafka connection authenticates in one way. Source: asp-language sections 7.3 and 10. */
export function checkAuthentication({ name, connection, at }: ConnectionEntry): readonly Finding[] {
  const { authentication = {}, security = {} } = connection;
  const { protocol } = security;
  const { mechanism } = authentication;
  const stray = (fields: readonly (keyof typeof authentication)[], scheme: string, goes: string): readonly Finding[] =>
    fields
      .filter((field) => authentication[field] !== undefined)
      .map((field) => {
        return strayCredential(at(["authentication", field], "key"), { connection: name, field, scheme, goes });
      });
  if (protocol === "SSL") {
    const scheme = "the protocol SSL, which knows clients by their certificate";
    return stray(["mechanism", ...password, ...token], scheme, "the protocols SASL_SSL and SASL_PLAINTEXT");
  }
  if (mechanism === "OAUTHBEARER") return stray(password, "OAUTHBEARER", "PLAIN, SCRAM-256 and SCRAM-512");
  if (mechanism !== undefined) return stray(token, mechanism, "OAUTHBEARER");
  // An IAM role has a mechanism of its own.
  if (protocol === undefined || authentication.aws !== undefined) return [];
  return [noMechanism(at(["security", "protocol"]), { connection: name, protocol })];
}
