import fc from "fast-check";
import { expect } from "vitest";
import { emitDefinitions } from "../../src/compiler/emit/emit-definitions.ts";
import { isPlainObject } from "../../src/expressions/is-plain-object.ts";
import { stageTable } from "../../src/stages/index.ts";
import { stageIn } from "../language/stage-arbitrary.ts";
import { compile, compileValue, merge, source } from "./support.ts";

/** Every name that some stage's field has. */
const fieldNames = [
  ...new Set(JSON.stringify([...stageTable.values()].map(({ args }) => args)).match(/"\w+"(?=:\{)/g)),
].map((name) => name.slice(1, -1));

/** Words that mean something to the compiler, more often than chance would have them. */
const words = fc.oneof(
  fc.constantFrom(
    ...[...stageTable.keys(), "$out", "$$NOW", "$$ROOT.a", "$$", "$", "$a", "$a.b", "a..b", ".", "stream.a", "stream."],
    ...["__proto__", "constructor", "toString", "hasOwnProperty", "length", "0", "1", "ünïcødé 🎉", 'a"b\nc', "a\0b"],
    ...["$date", "$numberLong", "$oid", "$expr", "$and", "$cond", "$let", "$map", "$literal", "$meta", "$function"],
  ),
  fc.constantFrom(...fieldNames, "_bsontype"),
  fc.string({ unit: "binary", maxLength: 12 }),
);

/** JSON that looks like a part of a pipeline. */
export const { junk } = fc.letrec((tie) => ({
  junk: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.oneof(words, fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie("junk"), { maxLength: 5 }),
    fc.array(fc.tuple(words, tie("junk")), { maxLength: 5 }).map((entries) => JSON.parse(jsonOf(entries)) as unknown),
  ),
}));

/** A stage that ASP has, with any arguments. */
export const junkStage = fc
  .tuple(fc.constantFrom(...stageTable.keys()), junk)
  .map(([name, args]) => ({ [name]: args }));

/** A stage as it should be, but for one part of it that is something else. */
export const spoiltStage = fc
  .tuple(stageIn("main"), fc.array(fc.nat(), { maxLength: 6 }), words, junk, fc.boolean())
  .map(([stage, way, name, value, renames]) => spoil(stage, way, { name, value, renames }));

interface Change {
  readonly name: string;
  readonly value: unknown;
  readonly renames: boolean;
}

/** Goes down by the numbers, and there replaces what it finds or the key that it stands under. */
function spoil(part: unknown, [turn, ...rest]: readonly number[], change: Change): unknown {
  if (turn === undefined || !(Array.isArray(part) || isPlainObject(part))) return change.value;
  const entries = Object.entries(part);
  if (entries.length === 0) return change.value;
  const chosen = turn % entries.length;
  const changed = entries.map(([key, each], index): [string, unknown] => {
    if (index !== chosen) return [key, each];
    return rest.length === 0 && change.renames ? [change.name, each] : [key, spoil(each, rest, change)];
  });
  if (Array.isArray(part)) return changed.map(([, each]) => each);
  // Not `fromEntries` of JSON: values may be BSON.
  const spoilt: Record<string, unknown> = {};
  for (const [key, value] of changed) {
    Object.defineProperty(spoilt, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return spoilt;
}

/** JSON text keeps a key called `__proto__`, which assigning it would not. */
function jsonOf(entries: readonly (readonly [string, unknown])[]): string {
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`;
}

/** Whatever the pipeline is, compiling gives a definition or says why not; what it gives can be written. */
export function holds(pipeline: unknown): void {
  const { definition, findings } = compile(pipeline);
  const errors = findings.filter(({ severity }) => severity === "error");
  expect(definition === undefined).toBe(errors.length > 0);
  if (definition === undefined) return;
  for (const format of ["json", "mongosh", "terraform"] as const) emitDefinitions([definition], format);
}

const withJavaScript = fc.anything({
  ...{ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withObjectString: true },
  ...{ withSet: true, withSparseArray: true, withTypedArray: true, withBoxedValues: true },
});

/** What must hold of any input, by name; run with as many runs as there is time for. */
export const badInput: readonly (readonly [string, fc.IProperty<[unknown]>])[] = [
  ["any JSON value", fc.property(fc.oneof(junk, fc.jsonValue()), holds)],
  [
    "any list of stages with any arguments",
    fc.property(fc.array(fc.oneof({ weight: 9, arbitrary: junkStage }, { weight: 1, arbitrary: junk })), holds),
  ],
  [
    "any arguments between a source and a sink",
    fc.property(fc.array(junkStage, { maxLength: 8 }), (stages) => holds([source, ...stages, merge])),
  ],
  [
    "stages that are right but for one part",
    fc.property(fc.array(spoiltStage, { minLength: 1, maxLength: 3 }), (stages) => holds([source, ...stages, merge])),
  ],
  [
    "a source or a sink that is right but for one part",
    fc.property(spoiltStage, (stage) => {
      holds(isPlainObject(stage) && "$source" in stage ? [stage, merge] : [source, stage]);
    }),
  ],
  [
    "anything that JavaScript has",
    fc.property(withJavaScript, (value) => holds([source, { $match: { value } }, { $set: { value } }, merge])),
  ],
  [
    "anything in place of a processor",
    fc.property(
      fc.dictionary(fc.constantFrom("name", "pipeline", "options", "other"), junk),
      (value) => void compileValue(value),
    ),
  ],
];
