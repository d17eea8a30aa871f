import { pathOf } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { joinSteps } from "./join-steps.ts";
import { quote } from "./quote.ts";

/** What a value belongs to: the arguments of a stage or the options, and how findings call these. */
export interface Owner {
  readonly label: string;
  readonly args: Cursor;
}

/** "`into.db` of `$merge`", or the label alone for the arguments themselves. */
export function valueName(cursor: Cursor, { label, args }: Owner): string {
  const steps = pathOf(cursor).slice(pathOf(args).length);
  if (steps.length === 0) return label;
  const [only] = steps;
  return `${steps.length === 1 && typeof only === "number" ? `element ${only}` : quote(joinSteps(steps))} of ${label}`;
}
