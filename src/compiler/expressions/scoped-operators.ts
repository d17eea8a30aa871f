import { describeValue } from "../describe-value.ts";
import { wrongArgument } from "../rules/wrong-argument.ts";
import { checkNamed } from "./check-arguments.ts";
import { checkLiteral, checkSortPattern } from "./check-literals.ts";
import { checkVariableName, declareVariables } from "./check-variable-name.ts";
import { field, report, step, toFields, visitWith } from "./walk.ts";
import type { Walk } from "./walk.ts";

type Fields = Readonly<Record<string, unknown>>;
type Scoped = (walk: Walk, fields: Fields) => void;

/** Operators whose arguments are not all plain expressions: they name variables, or take documents and lists of their own. */
export const scopedOperators: ReadonlyMap<string, Scoped> = new Map<string, Scoped>([
  [
    "$let",
    (walk, fields) => {
      let names: readonly string[] = [];
      visitFields(walk, fields, ["in"], {
        vars: (value) => {
          const variables = toFields(value);
          if (variables !== undefined) names = declareVariables(walk, variables);
          else if (!Array.isArray(value) || value.length > 0) mustBe(walk, "`vars` of `$let`", "a document", value);
        },
      });
      visitInside(walk, fields, "in", names);
    },
  ],
  ["$map", eachElement("$map", "in")],
  ["$filter", eachElement("$filter", "cond")],
  [
    "$reduce",
    (walk, fields) => {
      const names = [
        nameIn(walk, fields, "$reduce", "as", "this"),
        nameIn(walk, fields, "$reduce", "valueAs", "value"),
        nameIn(walk, fields, "$reduce", "arrayIndexAs", "IDX"),
      ];
      visitFields(walk, fields, ["in", "as", "valueAs", "arrayIndexAs"]);
      visitInside(walk, fields, "in", names);
    },
  ],
  ["$switch", (walk, fields) => visitFields(walk, fields, [], { branches: (value) => visitBranches(walk, value) })],
  [
    "$zip",
    (walk, fields) =>
      visitFields(walk, fields, [], {
        inputs: (value) => visitList(walk, "`inputs` of `$zip`", value, 1),
        defaults: (value) => visitDefaults(walk, fields, value),
        useLongestLength: (value) => {
          if (typeof value !== "boolean") mustBe(walk, "`useLongestLength` of `$zip`", "true or false", value);
        },
      }),
  ],
  [
    "$sortArray",
    (walk, fields) => visitFields(walk, fields, [], { sortBy: (value) => checkSortPattern(walk, "$sortArray", value) }),
  ],
  [
    "$function",
    (walk, fields) =>
      visitFields(walk, fields, [], {
        body: (value) => checkLiteral(walk, "`body` of `$function`", "code", value),
        lang: (value) => {
          if (value !== "js") mustBe(walk, "`lang` of `$function`", '"js"', value);
        },
      }),
  ],
  ["$setField", namedField("$setField")],
  ["$unsetField", namedField("$unsetField")],
  [
    "$dateFromParts",
    (walk, fields) => {
      const iso = field(fields, "isoWeekYear") !== undefined;
      if (!iso && field(fields, "year") === undefined) {
        mustBe(walk, "`$dateFromParts`", "a document with `year` or `isoWeekYear`", fields);
      }
      const others = (iso ? naturalParts : isoParts).filter((name) => Object.hasOwn(fields, name));
      if (others.length > 0) {
        const expected = iso ? "without parts of an ordinary date" : "without parts of an ISO week date";
        report(walk, wrongArgument, { what: "`$dateFromParts`", expected, found: `with \`${others.join("`, `")}\`` });
      }
      visitFields(walk, fields, []);
    },
  ],
]);

const naturalParts = ["year", "month", "day"];
const isoParts = ["isoWeek", "isoDayOfWeek"];

/** Visits every argument but those left out, as an expression or as it is told. */
function visitFields(
  walk: Walk,
  fields: Fields,
  without: readonly string[],
  special: Readonly<Record<string, (value: unknown) => void>> = {},
): void {
  for (const key in fields) {
    if (without.includes(key)) continue;
    step(walk, key, fields[key], Object.hasOwn(special, key) ? (special[key] ?? walk.visit) : walk.visit);
  }
}

function visitInside(walk: Walk, fields: Fields, key: string, names: readonly string[]): void {
  if (Object.hasOwn(fields, key)) step(walk, key, fields[key], (value) => visitWith(walk, names, value));
}

function eachElement(operator: string, inner: string): Scoped {
  return (walk, fields) => {
    const names = [nameIn(walk, fields, operator, "as", "this"), nameIn(walk, fields, operator, "arrayIndexAs", "IDX")];
    visitFields(walk, fields, [inner, "as", "arrayIndexAs"]);
    visitInside(walk, fields, inner, names);
  };
}

/** The variable's name that an argument gives, or the one that it has without. */
function nameIn(walk: Walk, fields: Fields, operator: string, argument: string, otherwise: string): string {
  if (!Object.hasOwn(fields, argument)) return otherwise;
  const name = fields[argument];
  step(walk, argument, name, () => checkVariableName(walk, name, `\`${argument}\` of \`${operator}\``));
  return typeof name === "string" ? name : otherwise;
}

function visitBranches(walk: Walk, branches: unknown): void {
  if (!Array.isArray(branches) || branches.length === 0) {
    mustBe(walk, "`branches` of `$switch`", "an array of branches", branches);
    return;
  }
  for (const [index, branch] of branches.entries()) {
    step(walk, index, branch, () => {
      const fields = toFields(branch);
      if (fields === undefined) {
        mustBe(walk, "a branch of `$switch`", "a document with `case`, `then`", branch);
        return;
      }
      checkNamed(walk, "$switch", fields, branchArguments);
      visitFields(walk, fields, []);
    });
  }
}

const branchArguments = { required: ["case", "then"], optional: [] };

function visitList(walk: Walk, what: string, value: unknown, least: number): void {
  if (Array.isArray(value) && value.length >= least) walk.visit(value);
  else mustBe(walk, what, "an array of expressions", value);
}

function visitDefaults(walk: Walk, fields: Fields, value: unknown): void {
  if (field(fields, "useLongestLength") !== true) {
    mustBe(walk, "`defaults` of `$zip`", "left out unless `useLongestLength` is true", value);
  }
  visitList(walk, "`defaults` of `$zip`", value, 0);
  const inputs = field(fields, "inputs");
  if (Array.isArray(value) && Array.isArray(inputs) && value.length !== inputs.length) {
    mustBe(walk, "`defaults` of `$zip`", "as long as `inputs`", value);
  }
}

function namedField(operator: string): Scoped {
  return (walk, fields) =>
    visitFields(walk, fields, [], {
      field: (value) => checkLiteral(walk, `\`field\` of \`${operator}\``, "a text", value),
    });
}

function mustBe(walk: Walk, what: string, expected: string, found: unknown): void {
  report(walk, wrongArgument, { what, expected, found: describeValue(found) });
}
