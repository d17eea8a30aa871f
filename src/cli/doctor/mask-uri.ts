/** `mongodb://user:secret@host:27017/db?…` → `mongodb://host:27017`: options may hold secrets, too. */
export function maskUri(uri: string): string {
  const match = /^(mongodb(?:\+srv)?:\/\/)(?:.*@)?([^/?@]*)/u.exec(uri);
  return match === null ? "not a mongodb:// address" : `${match[1]}${match[2]}`;
}
