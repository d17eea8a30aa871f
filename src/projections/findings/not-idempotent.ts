import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A handler under `guard: "none"` whose repetition could change the read model. Documented in docs/errors/ASP1112.md. */
export const notIdempotent = defineFinding<{ handler: string; field: string }>("ASP1112", {
  severity: "error",
  message: ({ handler, field }) =>
    `${handler} sets \`${field}\` from the read model, which \`guard: "none"\` does not protect`,
  notes: () => [
    "Atlas Stream Processing delivers at least once: an event that comes twice would be applied twice",
    "without a guard a field may be a constant, come from the event alone, or be `$max`, `$min` or `$setUnion` of itself and the event",
  ],
  help: 'leave out `guard`, or choose "version", "position" or "streams"',
});
