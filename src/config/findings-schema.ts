import { Type } from "@sinclair/typebox";
import { named } from "./shape.ts";

/** What a code may be set to. */
const severities = ["error", "warning", "info"] as const;

export type FindingSetting =
  | (typeof severities)[number]
  | "off"
  | {
      readonly severity: (typeof severities)[number] | "off";
      readonly reason?: string;
      readonly processors?: readonly string[];
    };

/**
 * Severity of a code, or that with a reason and the processors it is for. One schema of two types, and not a union: what is wrong
 * with one form is said, and not that the other does not fit either.
 */
const findingSetting = Type.Unsafe<FindingSetting>({
  type: ["string", "object"],
  if: { type: "string" },
  // A word alone has no room for the reason that `off` needs; a finding of its own says so.
  then: { enum: [...severities, "off"] },
  properties: {
    severity: { type: "string", enum: [...severities, "off"], description: "`off` silences it." },
    reason: { type: "string", minLength: 1, description: "Why; needed with `off`." },
    processors: {
      type: "array",
      items: { type: "string", minLength: 1, description: "Name of a processor." },
      minItems: 1,
      description: "Only what is found in these processors.",
    },
  },
  required: ["severity"],
  additionalProperties: false,
  description: "`error`, `warning` or `info`; or a mapping, for `off` and for single processors.",
});

export const findingSettings = (description: string) => named(findingSetting, description);
