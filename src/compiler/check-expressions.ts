import type { Finding } from "../diagnostics/finding.ts";
import { child } from "./cursor.ts";
import type { DescribedValue } from "./described-values.ts";
import { startWalk } from "./expressions/check-expression.ts";
import { checkDocument } from "./expressions/check-document.ts";
import { checkGroup } from "./expressions/check-group.ts";
import { checkListedPaths } from "./expressions/check-paths.ts";
import { checkQuery } from "./expressions/check-query.ts";
import { declareVariables } from "./expressions/check-variable-name.ts";
import { step, toFields } from "./expressions/walk.ts";
import type { Surroundings, Walk } from "./expressions/walk.ts";
import type { LocatedStage } from "./read-stages.ts";

/**
 * Everything that is wrong in the expressions, queries and accumulators of a described value: operators, their arguments, variables, field
 * paths, `$meta`.
 *
 * Passes over what is data (`$literal`, lists of documents) and pipelines, which {@link surroundingsIn} says how to check.
 */
export function checkExpressions(
  { schema, cursor }: DescribedValue,
  stage: string,
  surroundings: Surroundings,
): readonly Finding[] {
  const check = checks[schema.asp];
  if (check === undefined) return [];
  const walk = startWalk(cursor, surroundings);
  check(walk, cursor.value, stage);
  return walk.findings;
}

type Check = (walk: Walk, value: unknown, stage: string) => void;

const one: Check = (walk, value) => walk.visit(value);
/** An array is another form of the value: words, documents or a pipeline. */
const oneOrData: Check = (walk, value) => {
  if (!Array.isArray(value)) walk.visit(value);
};

/** What each kind of value holds; one that is not here holds no expressions. */
const checks: Readonly<Partial<Record<string, Check>>> = {
  expression: one,
  timeField: one,
  choice: oneOrData,
  documents: oneOrData,
  computedText: oneOrData,
  computedDatabase: oneOrData,
  computedCollection: oneOrData,
  projection: checkDocument,
  query: checkQuery,
  paths: (walk, value, stage) => {
    if (stage === "$unset" && Array.isArray(value)) checkListedPaths(walk, value, stage);
  },
  group: checkGroup,
  sort: (walk, value) => visitValues(walk, value),
  metadata: (walk, value) => visitValues(walk, value),
  expressions: (walk, value, stage) => {
    const fields = toFields(value);
    if (walk.from.key === stage) checkDocument(walk, value, stage);
    else if (walk.from.key === "let" && fields !== undefined) declareVariables(walk, fields);
    else visitValues(walk, value);
  },
};

function visitValues(walk: Walk, value: unknown): void {
  const fields = toFields(value);
  for (const key in fields) step(walk, key, fields[key], walk.visit);
}

/** How the expressions of a processor's own stages are evaluated; those in `$redact` have three variables more. */
export function surroundingsOf({ name }: LocatedStage, spoilt: ReadonlySet<string>): Surroundings {
  return { variables: name === "$redact" ? redactVariables : [], spoilt };
}

const redactVariables: readonly string[] = ["DESCEND", "PRUNE", "KEEP"];

/**
 * How the stages of a pipeline inside `outer` evaluate theirs; undefined where they are checked by rules of the target's cluster.
 *
 * Those of a window and of a payload are the processor's own. `whenMatched` runs on the cluster, which has `$$NOW`, sees the incoming
 * document as `$$new`, and the variables of `let`; so does a change stream's pipeline, without these.
 */
export function surroundingsIn(
  outer: LocatedStage,
  inner: LocatedStage,
  spoilt: ReadonlySet<string>,
): Surroundings | undefined {
  const own = surroundingsOf(inner, spoilt);
  const { context } = inner;
  switch (context) {
    case "main":
    case "window":
    case "payload":
      return own;
    case "changeStream":
      return { ...own, onCluster: context };
    case "whenMatched": {
      const variables = Object.keys(toFields(child(outer.args, "let").value) ?? {});
      return { ...own, onCluster: context, variables: [...own.variables, ...variables, "new"] };
    }
    default:
      return undefined;
  }
}
