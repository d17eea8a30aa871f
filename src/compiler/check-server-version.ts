import type { Finding, Place } from "../diagnostics/finding.ts";
import { binaryConversionOf, serverOfConversion } from "../expressions/binary-conversions.ts";
import { isPlainObject } from "../expressions/is-plain-object.ts";
import { argumentVersions, isOlder, operatorVersions } from "../expressions/operators.ts";
import type { Definition } from "../stages/definition.ts";
import { atOf, child, rootCursor } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import type { DescribedValue } from "./described-values.ts";
import { readStages } from "./read-stages.ts";
import type { StageContext } from "../stages/values.ts";
import { newerServer } from "./rules/newer-server.ts";
import { walkExpressions } from "./walk-expressions.ts";

/**
 * The operators and stages of a compiled definition that a mongod of this version does not have, each once.
 *
 * @param version As the binary says: "6.0.5".
 * @param place Of the processor, for the findings.
 */
export function checkServerVersion(definition: Definition, version: string, place?: Place): readonly Finding[] {
  const root = rootCursor(definition, { processor: definition.name, place, placeOf: () => undefined });
  const findings = new Map<string, Finding>();
  const note = (operator: string, needs: string | undefined, at: () => Cursor): void => {
    if (needs === undefined || !isOlder(version, needs) || findings.has(operator)) return;
    findings.set(operator, newerServer(atOf(at()), { operator, needs, version }));
  };
  const visitorIn = (context: StageContext) => ({
    operator: (operator: string, here: () => Cursor): void => {
      note(operator, operatorVersions.get(operator), here);
      const args = child(here(), operator);
      if (!isPlainObject(args.value)) return;
      for (const name in args.value) {
        note(`${operator}.${name}`, argumentVersions.get(`${operator}.${name}`), () => child(args, name));
      }
      if (operator !== "$convert") return;
      const form = binaryConversionOf(args.value);
      // What the engine writes in another way needs no newer server, but where the cluster itself evaluates it.
      const own = form?.explicit === true && onCluster.has(context) ? form.needs : undefined;
      const at = ["byteOrder", "format"].find((name) => Object.hasOwn(args.value as object, name)) ?? "to";
      note(`$convert.${at}`, own ?? serverOfConversion(args.value), () => child(args, at));
    },
  });
  const walkPipeline = (pipeline: Cursor, context: StageContext): void => {
    for (const located of readStages(pipeline, context).stages) {
      const { name, description, stage } = located;
      const needs = description?.minServer;
      if (needs !== undefined && isOlder(version, needs)) {
        findings.set(name, newerServer(atOf(stage), { operator: name, needs, version }));
      }
      for (const value of located.described()) walkValue(value, context);
    }
  };
  const walkValue = (value: DescribedValue, around: StageContext): void => {
    walkExpressions(value, visitorIn(around));
    const { context } = value.schema;
    if (context !== undefined && Array.isArray(value.cursor.value)) walkPipeline(value.cursor, context);
  };
  walkPipeline(child(root, "pipeline"), "main");
  return [...findings.values()];
}

/** Pipelines that a cluster runs as they are. */
const onCluster: ReadonlySet<StageContext> = new Set(["changeStream", "whenMatched", "cluster"]);
