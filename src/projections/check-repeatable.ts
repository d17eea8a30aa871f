import { repetitionOf } from "../expressions/repeatable.ts";
import { notIdempotent } from "./findings/not-idempotent.ts";
import type { Fold } from "./fold.ts";
import type { ProjectionValue } from "./processor-value.ts";
import type { Reporter } from "./reporter.ts";

/** Without a guard every handler must be provably idempotent: any suffix of the events may be applied again. */
export function checkRepeatable(fold: Fold, on: ProjectionValue["on"], reporter: Reporter): void {
  if (fold.guard !== "none") return;
  // A union of what a `$max` left is not what the `$max` of the union is, so one field is set in one of the two ways.
  const ways = new Map<string, string>();
  for (const handler of fold.handlers) {
    if (handler.kind === "remove") continue;
    for (const { path, value } of handler.fields) {
      const field = path.join(".");
      const way = repetitionOf(value, path);
      const other = ways.get(field);
      if (way !== "constant") ways.set(field, way);
      if (way === "unsafe" || (way !== "constant" && other !== undefined && other !== way)) {
        reporter.report(notIdempotent, { handler: `the handler \`${handler.name}\``, field }, [on[handler.name]]);
      }
    }
  }
}
