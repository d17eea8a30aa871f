import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1024.md, whose examples are run as tests. */
export const integerLikeKeys = defineFinding<{ what: string; keys: readonly string[] }>("ASP1024", {
  severity: "warning",
  message: ({ what, keys }) => `${what} has keys that JavaScript reorders: ${keys.map(quote).join(", ")}`,
  notes: () => [
    "an object's integer-like keys come first and in numeric order, whatever the order they are written in",
  ],
  help: "use a `Map` where the order matters, or other names",
});
