/**
 * One line of a YAML or environment file with literal secrets covered, each character by one dot so that columns stay.
 *
 * `${NAME}` is not a secret and stays readable. A finding shows the line it is about, and that line may hold a password.
 */
export function maskSecrets(line: string): string {
  return line
    .replace(secretValue, (whole, key: string, value: string) => (value.includes("${") ? whole : key + cover(value)))
    .replace(userInfo, (whole, scheme: string, info: string) =>
      info.includes("${") ? whole : `${scheme}${cover(info)}@`,
    );
}

const secretValue =
  /(\b\w*(?:password|secret|token|privateKey|apiKey|sslKey|credential)\w*["']?\s*[:=]\s*)("[^"]*"?|'[^']*'?|[^\s,{}[\]#][^,}\]#]*)/gi;
const userInfo = /(:\/\/)([^/@\s"']+)@/g;

function cover(value: string): string {
  return "•".repeat(value.length);
}
