import type { TSchema } from "@sinclair/typebox";
import type { Finding } from "../diagnostics/finding.ts";
import type { StageDescription, StageVariant } from "../stages/define-stage.ts";
import { stageTable } from "../stages/index.ts";
import { meantVariant } from "../stages/meant-variant.ts";
import { serverOnly } from "../stages/server-only.ts";
import type { StageContext } from "../stages/values.ts";
import { atOf, child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { describeValue } from "./describe-value.ts";
import { describedValues } from "./described-values.ts";
import type { DescribedValue } from "./described-values.ts";
import { isDocument } from "./kinds.ts";
import { notAStage } from "./rules/not-a-stage.ts";
import { serverOnlyStage } from "./rules/server-only-stage.ts";
import { unknownStage } from "./rules/unknown-stage.ts";

/** A stage as written, with its description where ASP has it. */
export interface LocatedStage {
  readonly name: string;
  /** Absent for a stage that ASP does not have. */
  readonly description: StageDescription | undefined;
  readonly variant: StageVariant | undefined;
  /** The object with the one key. */
  readonly stage: Cursor;
  readonly args: Cursor;
  readonly context: StageContext;
  /** No stage comes after it in its pipeline. */
  readonly isLast: boolean;
  /** The values in its arguments that have a meaning, found when first asked for: several rules look at them. */
  readonly described: () => readonly DescribedValue[];
}

/**
 * Reads an array of stages; what is no stage at all is a finding and left out.
 *
 * @param typeOf The types of connections, where stages may be wrong: what is right tells its form without.
 */
export function readStages(
  pipeline: Cursor,
  context: StageContext,
  typeOf?: (connection: string) => string | undefined,
): { readonly stages: readonly LocatedStage[]; readonly findings: readonly Finding[] } {
  const stages: LocatedStage[] = [];
  const findings: Finding[] = [];
  const list = Array.isArray(pipeline.value) ? pipeline.value : [];
  for (const index of list.keys()) {
    const stage = child(pipeline, index);
    const name = stageName(stage.value);
    if (name === undefined) {
      findings.push(notAStage(atOf(stage), { stage: index + 1, found: describeValue(stage.value) }));
      continue;
    }
    const args = child(stage, name);
    const description = stageTable.get(name);
    // What runs on a cluster may use every stage that the server has.
    if (description === undefined && !(context === "cluster" && serverOnly.has(name))) {
      findings.push(strange(stage, name));
    }
    const variant = description && meantVariant(description, args.value, typeOf);
    const schema = variant?.args ?? description?.args;
    const isLast = index === list.length - 1;
    let found: readonly DescribedValue[] | undefined;
    const described = () => (found ??= schema === undefined ? [] : describedValues(schema, args));
    stages.push({ name, description, variant, stage, args, context, isLast, described });
  }
  return { stages, findings };
}

function stageName(stage: unknown): string | undefined {
  if (!isDocument(stage)) return undefined;
  const [name, ...others] = stage instanceof Map ? [...stage.keys()] : Object.keys(stage);
  return others.length === 0 ? name : undefined;
}

function strange(stage: Cursor, name: string): Finding {
  if (serverOnly.has(name)) return serverOnlyStage(atOf(stage), { name, instead: serverOnly.get(name) });
  return unknownStage(atOf(stage), { name, known: [...stageTable.keys()] });
}

/** The schema that a stage's arguments are checked against; undefined for a stage that ASP does not have. */
export function schemaOf({ description, variant }: LocatedStage): TSchema | undefined {
  return variant?.args ?? description?.args;
}

/** False for a stage, or a form of it, that ASP has and the engine does not run yet. */
export function isRun({ description, variant }: LocatedStage): boolean {
  return variant?.runs ?? description?.runs ?? true;
}

/** How findings call a stage: "`$source` on Kafka", "`$merge`". */
export function labelOf({ name, variant }: LocatedStage): string {
  return variant?.name ?? `\`${name}\``;
}
