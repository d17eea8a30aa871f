import type { ErrorObject } from "ajv";
import type { TSchema } from "@sinclair/typebox";
import type { Finding } from "../diagnostics/finding.ts";
import type { Mistaken } from "../stages/values.ts";
import type { StageVariant } from "../stages/define-stage.ts";
import { tellingFields } from "../stages/meant-variant.ts";
import { suggest } from "../diagnostics/suggest.ts";
import { wrongWord } from "./check-choice.ts";
import { atKey, atOf, child, descend, pathOf } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { checkDuration } from "./check-duration.ts";
import { checkSchedule } from "./check-schedule.ts";
import { describeValue } from "./describe-value.ts";
import { isDocument, kinds } from "./kinds.ts";
import type { KindOfElement, KindSchema } from "./kinds.ts";
import { isWrittenElsewhere } from "./written-elsewhere.ts";
import { labelOf } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { optionForm } from "./option-form.ts";
import { badTimeField } from "./rules/bad-time-field.ts";
import { excludedField } from "./rules/excluded-field.ts";
import { misplacedOption } from "./rules/misplaced-option.ts";
import { missingField } from "./rules/missing-field.ts";
import { unknownField } from "./rules/unknown-field.ts";
import { unknownWord } from "./rules/unknown-word.ts";
import { wrongType } from "./rules/wrong-type.ts";
import { pathKey } from "./snapshot.ts";
import { checkSchema } from "./validators.ts";
import { valueName } from "./value-name.ts";
import type { Owner } from "./value-name.ts";

/** One value that is checked against a schema, and how findings call it. */
interface Subject extends Owner {
  readonly schema: TSchema;
  /** The form of the stage that the schema is of; fields that only another form has are said to exclude what tells it. */
  readonly variant?: StageVariant;
  readonly spoilt: ReadonlySet<string>;
}

/** Checks the arguments of a stage that runs against its schema. */
export function checkStageShape(
  located: LocatedStage,
  schema: TSchema,
  spoilt: ReadonlySet<string>,
): readonly Finding[] {
  return checkShape({
    label: labelOf(located),
    schema,
    args: located.args,
    spoilt,
    ...(located.variant === undefined ? {} : { variant: located.variant }),
  });
}

/** Checks a value against a schema. This is the one place where errors of ajv become findings. */
export function checkShape(subject: Subject): readonly Finding[] {
  const errors = checkSchema(subject.schema, subject.args.value);
  return errors.flatMap((error) => {
    const cursor = descend(subject.args, stepsOf(error.instancePath, subject.args.value));
    return subject.spoilt.has(pathKey(pathOf(cursor))) ? [] : (translate(error, cursor, subject) ?? []);
  });
}

function translate(error: ErrorObject, cursor: Cursor, subject: Subject): Finding | readonly Finding[] | undefined {
  const { params, parentSchema } = error as { readonly params: Params; readonly parentSchema?: Properties };
  const known = Object.keys(parentSchema?.properties ?? {});
  const owner = valueName(cursor, subject);
  switch (error.keyword) {
    // Says only that `else` found something, which has its own error.
    case "if":
      return [];
    case "required": {
      const field = params.missingProperty ?? "";
      // A misspelt field is one mistake, and the finding about it already names the right one.
      const misspelt = strayFields(cursor, known).some(
        (stray) => suggest(stray, known) === field || rightForm(parentSchema, stray)?.includes(`\`${field}\``) === true,
      );
      if (
        misspelt ||
        isWrittenElsewhere(field, { cursor, schema: parentSchema }, { cursor: subject.args, schema: subject.schema })
      )
        return [];
      return missingField(atOf(cursor), { owner, field });
    }
    case "additionalProperties":
      return strayField(params.additionalProperty ?? "", cursor, { owner, known, parentSchema }, subject);
    case "enum": {
      const words = params.allowedValues ?? [];
      if (typeof cursor.value !== "string") {
        const right = rightWord(cursor.value, words, parentSchema);
        return wrongType(atOf(cursor), {
          what: owner,
          expected: expectedBy(error),
          found: describeValue(cursor.value),
          right,
        });
      }
      const right = rightForm(parentSchema, cursor.value);
      return unknownWord(atOf(cursor), { what: owner, found: cursor.value, words, right });
    }
    case "asp":
      return wrongKind(error.parentSchema as unknown as KindSchema, cursor, { owner, subject });
    default:
  }
  const expected = expectedBy(error);
  return wrongType(atOf(cursor), { what: owner, expected, found: describeValue(cursor.value) });
}

interface Params {
  readonly missingProperty?: string;
  readonly additionalProperty?: string;
  readonly allowedValues?: readonly string[];
  readonly type?: string;
}

interface Properties {
  readonly properties?: Readonly<Record<string, Properties>>;
  readonly mistaken?: Mistaken;
  readonly parts?: Readonly<Record<string, string>>;
}

/** What to write instead of a field or a word that circulates and is wrong. */
function rightForm(schema: Properties | undefined, found: string): string | undefined {
  const { mistaken = {} } = schema ?? {};
  return Object.hasOwn(mistaken, found) ? mistaken[found] : undefined;
}

/** What to write instead of a value that is no text but says which word is meant: `1`, `{ name: "json" }`. */
function rightWord(found: unknown, words: readonly string[], schema: Properties | undefined): string | undefined {
  const [inner, ...others]: readonly unknown[] = isDocument(found) ? Object.values(found) : [found];
  if (others.length > 0 || (typeof inner !== "string" && typeof inner !== "number")) return undefined;
  const word = String(inner);
  return words.includes(word) ? `write \`${JSON.stringify(word)}\`` : rightForm(schema, word);
}

interface Parent {
  readonly owner: string;
  readonly known: readonly string[];
  readonly parentSchema: Properties | undefined;
}

function strayField(
  field: string,
  cursor: Cursor,
  { owner, known, parentSchema }: Parent,
  { schema, args, variant }: Subject,
): Finding {
  const right = rightForm(parentSchema, field);
  if (right !== undefined) return unknownField(atKey(cursor, field), { owner, field, known, right });
  if (pathOf(cursor).length === pathOf(args).length) {
    const by = variant?.excludes?.includes(field) ? tellingFields(variant, args.value)[0] : undefined;
    if (by !== undefined) return excludedField(atKey(cursor, field), { owner, field, by });
    const groups = Object.entries((schema as Properties).properties ?? {});
    const [under, group] = groups.find(([, each]) => Object.hasOwn(each.properties ?? {}, field)) ?? [];
    if (under !== undefined) {
      const form = optionForm({
        args,
        field,
        under,
        parts: group?.properties?.[field]?.parts,
        relations: variant?.relations,
      });
      return misplacedOption(atKey(cursor, field), { owner, field, under, form });
    }
  }
  return unknownField(atKey(cursor, field), { owner, field, known });
}

function wrongKind(
  schema: KindSchema,
  cursor: Cursor,
  { owner, subject }: { readonly owner: string; readonly subject: Subject },
): Finding | readonly Finding[] {
  const { value } = cursor;
  const kind = kinds[schema.asp];
  switch (schema.asp) {
    case "timeField":
      return badTimeField(atOf(cursor), { found: describeValue(value) });
    case "schedule":
      return checkSchedule(cursor, owner);
    case "duration":
    case "offset": {
      const inside = checkDuration(schema, cursor, owner);
      if (inside.length > 0) return inside;
      break;
    }
    case "choice":
      if (typeof value === "string")
        return wrongWord(cursor, { what: owner, words: schema.words ?? [], field: cursor.key });
      break;
    default:
  }
  if (kind.each !== undefined && Array.isArray(value) && value.length > 0)
    return wrongElements(kind.each, cursor, subject);
  const right = rightValues[schema.asp]?.(value);
  return wrongType(atOf(cursor), { what: owner, expected: kind.expected(schema), found: describeValue(value), right });
}

function wrongElements({ expected, accepts }: KindOfElement, list: Cursor, subject: Subject): readonly Finding[] {
  const { length } = list.value as readonly unknown[];
  return Array.from({ length }, (_, index) => child(list, index))
    .filter(({ value }) => !accepts(value))
    .filter((cursor) => !subject.spoilt.has(pathKey(pathOf(cursor))))
    .map((cursor) =>
      wrongType(atOf(cursor), { what: valueName(cursor, subject), expected, found: describeValue(cursor.value) }),
    );
}

/** What to write instead of a value of a kind, where that can be said. */
const rightValues: Readonly<Partial<Record<KindSchema["asp"], (value: unknown) => string | undefined>>> = {
  time: asDate,
  expression: () => "make one value of the fields, as `$concat` does of texts",
};

/** A date as text, or as milliseconds, is what JSON has instead of one. */
function asDate(value: unknown): string | undefined {
  const isDate = (typeof value === "string" && /^\d{4}-\d\d/.test(value)) || typeof value === "number";
  return isDate ? `write \`new Date(${JSON.stringify(value)})\`` : undefined;
}

function expectedBy({ keyword, params }: ErrorObject): string {
  const { type, allowedValues } = params as Params;
  if (keyword === "type" && type !== undefined) return type === "object" ? "a document" : `a ${type}`;
  return (allowedValues ?? []).map((word) => `"${word}"`).join(" or ") || "something else";
}

function strayFields(cursor: Cursor, known: readonly string[]): readonly string[] {
  const fields = typeof cursor.value === "object" && cursor.value !== null ? Object.keys(cursor.value) : [];
  return fields.filter((field) => !known.includes(field));
}

/** The steps of a JSON pointer, array positions as numbers. */
function stepsOf(pointer: string, value: unknown): readonly (string | number)[] {
  let current = value;
  return pointer
    .split("/")
    .slice(1)
    .map((escaped) => {
      const step = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
      const key = Array.isArray(current) ? Number(step) : step;
      current = typeof current === "object" && current !== null ? Reflect.get(current, key) : undefined;
      return key;
    });
}
