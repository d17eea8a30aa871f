import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { atOf, child } from "../cursor.ts";
import { usesEventTime } from "../event-time.ts";
import { demandOf } from "../own-stages.ts";
import type { WholeProcessor } from "../own-stages.ts";
import { quote } from "../quote.ts";
import { labelOf } from "../read-stages.ts";

/** Documented in docs/errors/ASP3001.md, whose examples are run as tests. */
export const windowHeldByIdlePart = defineFinding<{ source: string; window: string; field: string; part: string }>(
  "ASP3001",
  {
    severity: "warning",
    message: ({ source, window, field }) => `${source} has no ${quote(field)}, and the processor has ${quote(window)}`,
    notes: ({ part }) => [`event time is that of the slowest ${part}: one that is silent keeps every window open`],
    help: ({ field }) => `add \`${field}: { size: 30, unit: "second" }\` to \`$source\``,
  },
);

/** Finds event-time windows that one silent partition of the source would keep open. */
export function checkIdleParts({ stages }: WholeProcessor): readonly Finding[] {
  const source = stages.find(({ description }) => description?.role === "source");
  const idle = source === undefined ? undefined : demandOf(source, "idle");
  if (source === undefined || idle === undefined || child(source.args, idle.field).value !== undefined) return [];
  const window = stages.find(usesEventTime);
  if (window === undefined) return [];
  const data = { source: labelOf(source), window: window.name, ...idle };
  return [windowHeldByIdlePart(atOf(source.stage), data)];
}
