import { isLiteral, maskSecrets } from "../../diagnostics/mask-secrets.ts";

/** Fields that the service takes and never gives back. Source: asp-control-plane 1.3. */
export const writeOnlyFields: ReadonlySet<string> = new Set(["password", "clientSecret", "sslKey", "sslKeyPassword"]);

/** In `headers`, and in Kafka's `config`: `Authorization`, `x-functions-key`, `sasl.jaas.config`. */
const secretName = /password|secret|token|credential|authorization|cookie|signature|jaas|key$/iu;

/** Whether a setting of a connection, `["authentication", "password"]`, is a secret by its name. */
export function isSecretField(path: readonly string[]): boolean {
  const name = path.at(-1) ?? "";
  return writeOnlyFields.has(name) || ((path[0] === "headers" || path[0] === "config") && secretName.test(name));
}

/** The settings of a connection that hold a secret as it is, and not as `${NAME}`: their paths. */
export function literalSecrets(settings: object): readonly (readonly string[])[] {
  const find = (value: unknown, path: readonly string[]): readonly (readonly string[])[] => {
    if (typeof value === "object" && value !== null) {
      return Object.entries(value).flatMap(([key, each]) => find(each, [...path, key]));
    }
    const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
    const isSecret = isSecretField(path) ? text !== "" && isLiteral(text) : maskSecrets(text) !== text;
    return isSecret ? [path] : [];
  };
  return find(settings, []);
}
