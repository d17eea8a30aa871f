import type { ComputedField, FieldValue, Relation } from "../stages/define-stage.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { isComputed } from "./check-names.ts";
import { misfitsOf } from "./constant-uses.ts";
import { atOf, child, descend } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { toNumber } from "./kinds.ts";
import { labelOf } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { constantOfOtherFormat } from "./rules/constant-of-other-format.ts";
import { excludedField } from "./rules/excluded-field.ts";
import { fieldNeedsField } from "./rules/field-needs-field.ts";
import { fieldOnlyWith } from "./rules/field-only-with.ts";
import { missingField } from "./rules/missing-field.ts";
import { numberTooLarge } from "./rules/number-too-large.ts";
import { oneOfFields } from "./rules/one-of-fields.ts";

/** Checks what the fields of a stage mean beside each other, as its description has it. */
export function checkRelations(located: LocatedStage): readonly Finding[] {
  const { description, variant, args } = located;
  const relations = [...(description?.relations ?? []), ...(variant?.relations ?? [])];
  if (relations.length === 0 || typeof args.value !== "object") return [];
  const owner = labelOf(located);
  const missing = new Set<string>();
  return relations.flatMap((relation) => {
    const finding = checkRelation(relation, { owner, args, isLast: located.isLast && located.context === "main" });
    if (finding === undefined || relation.kind !== "required") return finding ?? [];
    // Two reasons to need one field are one mistake.
    if (missing.has(relation.field)) return [];
    missing.add(relation.field);
    return finding;
  });
}

interface Subject {
  readonly owner: string;
  readonly args: Cursor;
  readonly isLast: boolean;
}

function checkRelation(relation: Relation, { owner, args, isLast }: Subject): Finding | undefined {
  switch (relation.kind) {
    case "needs": {
      const { field, other, above } = relation;
      if (!has(args, field)) return undefined;
      const number = toNumber(at(args, other).value);
      if (has(args, other) && (above === undefined || number === undefined || number > above)) return undefined;
      return fieldNeedsField(atOf(at(args, field)), { owner, field, other, above });
    }
    case "excludes": {
      const { field, by } = relation;
      if (!has(args, field) || !has(args, by)) return undefined;
      return excludedField(atOf(at(args, field)), { owner, field, by });
    }
    case "only": {
      const { field, with: wanted, above } = relation;
      if (!has(args, field) || holds(args, wanted)) return undefined;
      if (above !== undefined && !((toNumber(at(args, field).value) ?? 0) > above)) return undefined;
      return fieldOnlyWith(atOf(at(args, field)), { owner, field, other: wanted.field, values: wanted.values, above });
    }
    case "required": {
      const { field, when, unlessLast } = relation;
      if (has(args, field) || (unlessLast === true && isLast)) return undefined;
      if (when !== undefined && !holds(args, when)) return undefined;
      return missingField(atOf(args), { owner, field });
    }
    case "some": {
      const { fields, exactly = false } = relation;
      const count = fields.filter((field) => has(args, field)).length;
      if (count === 1 || (count > 1 && !exactly)) return undefined;
      return oneOfFields(atOf(args), { owner, fields, exactly });
    }
    case "atMost": {
      const { field, other } = relation;
      const [value, most] = [toNumber(at(args, field).value), toNumber(at(args, other).value)];
      if (value === undefined || most === undefined || value <= most) return undefined;
      return numberTooLarge(atOf(at(args, field)), { owner, field, value, other, most });
    }
    case "fits": {
      const { field, other, words } = relation;
      const word = at(args, other).value;
      const use = typeof word === "string" && Object.hasOwn(words, word) ? words[word] : undefined;
      if (use === undefined || typeof word !== "string" || !has(args, field)) return undefined;
      const [misfit] = misfitsOf(at(args, field), use);
      if (misfit === undefined) return undefined;
      return constantOfOtherFormat(atOf(misfit.cursor), { owner, field, other, word, ...misfit });
    }
  }
}

/** True where the condition holds, and where the field has a value that is wrong anyway, which is another finding. */
export function holds(args: Cursor, condition: FieldValue | ComputedField): boolean {
  const { value } = at(args, condition.field);
  if ("computed" in condition) return value !== undefined && isComputed(value);
  if (value === undefined) return condition.absent === true;
  return condition.values.some((each) => each === value);
}

function has(args: Cursor, field: string): boolean {
  return at(args, field).value !== undefined;
}

/** The cursor of a dotted field. */
export function at(args: Cursor, field: string): Cursor {
  return field.includes(".") ? descend(args, field.split(".")) : child(args, field);
}
