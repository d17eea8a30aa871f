import type { Document } from "bson";
import { isPlainObject } from "../../expressions/is-plain-object.ts";

/**
 * What documents go through between source and sink.
 *
 * - `stages`: stages that run together on mongod; with `on`, on the cluster and in the database that a `$lookup` names
 * - `validate`: a check whose refused documents are dead letters
 * - `operator`: a stage that no mongod has, done by the engine
 */
export type Step =
  | { readonly kind: "stages"; readonly stages: readonly Document[]; readonly on?: Elsewhere }
  | { readonly kind: "validate"; readonly validator: Document }
  | { readonly kind: "operator"; readonly operator: OperatorName; readonly args: Document };

export interface Elsewhere {
  readonly connectionName: string;
  readonly db: string;
}

const operatorNames = ["$https", "$externalFunction", "$cachedLookup", "$throttle"] as const;

export type OperatorName = (typeof operatorNames)[number];

export function isOperatorName(name: string): name is OperatorName {
  return operatorNames.some((operator) => operator === name);
}

/** Cuts stages where they do not run together. A `$validate` that only discards is a `$match`. */
export function planSteps(stages: readonly Document[]): readonly Step[] {
  const steps: Step[] = [];
  let open: Document[] = [];
  const close = (): void => {
    if (open.length > 0) steps.push({ kind: "stages", stages: open });
    open = [];
  };
  for (const stage of stages) {
    const own = ownStep(stage);
    if (own === undefined) {
      open.push("$lookup" in stage ? { $lookup: serverLookup(stage["$lookup"] as Document) } : stage);
      continue;
    }
    close();
    steps.push(own);
  }
  close();
  return steps;
}

function ownStep(stage: Document): Step | undefined {
  const [name = ""] = Object.keys(stage);
  const args = stage[name] as Document;
  if (isOperatorName(name)) return { kind: "operator", operator: name, args };
  if (name === "$validate" && args["validationAction"] === "dlq")
    return { kind: "validate", validator: (args["validator"] ?? {}) as Document };
  return name === "$lookup" ? lookupStep(args) : undefined;
}

/** A `$lookup` runs where it looks; one without a collection, together with the stages around it. */
function lookupStep({ from, ...args }: Document): Step | undefined {
  if (!isPlainObject(from)) return undefined;
  const on = { connectionName: String(from["connectionName"]), db: String(from["db"]) };
  return { kind: "stages", stages: [{ $lookup: { from: from["coll"], ...serverLookup(args) } }], on };
}

/** In the form that a server has. */
function serverLookup({ parallelism: _, partitionBy: __, ...args }: Document): Document {
  return args;
}
