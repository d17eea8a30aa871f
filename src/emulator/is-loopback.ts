import { isIP } from "node:net";

/** True for an address that only this machine reaches: `localhost`, `::1`, and all of 127.0.0.0/8. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
