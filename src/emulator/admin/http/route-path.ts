/**
 * The path that a request is routed by: a custom verb after a colon becomes a segment of its own, which begins with the colon, so that
 * `/processor/x:start` is `/processor/x/:start`. A percent-encoded colon is one.
 *
 * @param target as the request has it, with the query
 */
export function toRoutePath(target: string): string {
  const queryAt = target.indexOf("?");
  const [path, query] = queryAt < 0 ? [target, ""] : [target.slice(0, queryAt), target.slice(queryAt)];
  const segments = path.replaceAll(/%3a/gi, ":").split("/");
  // Such a segment is what this function makes, and nobody else.
  if (segments.some((segment) => segment.startsWith(":"))) return `/:${query}`;
  const last = segments.at(-1) ?? "";
  const colonAt = last.indexOf(":");
  if (colonAt < 0) return segments.join("/") + query;
  return [...segments.slice(0, -1), last.slice(0, colonAt), last.slice(colonAt)].join("/") + query;
}

/**
 * A path of the table as the router has it: `/streams/{tenantName}:downloadOperationalLogs` is
 * `/streams/:tenantName/::downloadOperationalLogs`, where two colons stand for one.
 */
export function toRoutePattern(template: string): string {
  return template.replace(/:(\w+)$/, "/::$1").replaceAll(/\{(\w+)\}/g, ":$1");
}
