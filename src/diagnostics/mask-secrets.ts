/**
 * One line of a YAML or environment file with literal secrets covered, each character by one dot so that columns stay.
 *
 * `${NAME}` is not a secret and stays readable. A finding shows the line it is about, and that line may hold a password.
 */
export function maskSecrets(line: string): string {
  return line
    .replace(secretValue, (whole, key: string, value: string) => (isLiteral(value) ? key + cover(value) : whole))
    .replace(userInfo, (whole, scheme: string, info: string) => (isLiteral(info) ? `${scheme}${cover(info)}@` : whole))
    .replace(queryValue, (whole, key: string, value: string) => (isLiteral(value) ? key + cover(value) : whole));
}

/** True for a text that says what it is about itself: it names no variable and no command, or one with a default. */
export function isLiteral(text: string): boolean {
  return !text.includes("${") || /\$\{\w+:-[^}]/u.test(text);
}

const secretValue =
  /(\b\w*(?:password|secret|token|privateKey|accessKey|api[-_]?key|sslKey|credential|authorization|cookie)\w*["']?\s*[:=]\s*)("[^"]*"?|'[^']*'?|[^\s,{}[\]#][^,}\]#]*)/gi;
const userInfo = /(:\/\/)([^/@\s"']+)@/g;
/** `?code=` is the key of an Azure function, `&sig=` a signature. */
const queryValue = /([?&](?:code|sig|[\w.-]*key)=)([^&\s"'#,}\]]+)/gi;

function cover(value: string): string {
  return "•".repeat(value.length);
}
