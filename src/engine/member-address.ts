/** The address of one member of a cluster, with the user and the options of the cluster's own address. */
export function memberAddress(uri: string, host: string): string {
  const [, scheme = "", login = "", rest = ""] = /^(mongodb(?:\+srv)?:\/\/)([^@/]*@)?[^/?]*(.*)$/s.exec(uri) ?? [];
  const [path = "", query = ""] = rest.split("?");
  const options = new URLSearchParams(query);
  options.delete("replicaSet");
  options.delete("readPreference");
  options.delete("readPreferenceTags");
  options.set("directConnection", "true");
  // What the DNS entry of such an address says, or stands for.
  const isDns = scheme.includes("+srv");
  if (isDns && !options.has("tls") && !options.has("ssl")) options.set("tls", "true");
  if (isDns && login !== "" && !options.has("authSource")) options.set("authSource", "admin");
  return `mongodb://${login}${host}${path === "" ? "/" : path}?${options.toString()}`;
}
