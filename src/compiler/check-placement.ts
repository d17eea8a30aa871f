import { atOf, child, pathOf } from "./cursor.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { StageDescription } from "../stages/define-stage.ts";
import { stageTable } from "../stages/index.ts";
import type { StageContext } from "../stages/values.ts";
import type { Cursor } from "./cursor.ts";
import type { LocatedStage } from "./read-stages.ts";
import { noSink } from "./rules/no-sink.ts";
import { sinkNotLast } from "./rules/sink-not-last.ts";
import { sourceFirst } from "./rules/source-first.ts";
import { sourceOnce } from "./rules/source-once.ts";
import { windowOnce } from "./rules/window-once.ts";
import { windowWithInitialSync } from "./rules/window-with-initial-sync.ts";
import { stageInWrongContext } from "./rules/stage-in-wrong-context.ts";

/**
 * Checks the order of a processor's own stages: `$source` first and once, exactly one sink, last.
 *
 * Stages that ASP does not have are findings already and break no further rule.
 */
export function checkOrder(pipeline: Cursor, stages: readonly LocatedStage[]): readonly Finding[] {
  const [first] = stages;
  if (first === undefined) {
    return Array.isArray(pipeline.value) && pipeline.value.length === 0
      ? [sourceFirst(atOf(pipeline), { first: undefined })]
      : [];
  }
  const findings: Finding[] = [];
  const sources = stages.filter(({ description }) => description?.role === "source");
  if (first.description !== undefined && first.description.role !== "source") {
    findings.push(sourceFirst(atOf(first.stage), { first: first.name }));
  }
  // A source that is only in the wrong place is that one mistake.
  const others = sources.filter((source) => source !== first && (first.name === source.name || source !== sources[0]));
  for (const { stage } of others) findings.push(sourceOnce(atOf(stage), { stage: Number(pathOf(stage).at(-1)) + 1 }));
  return [...findings, ...checkWindows(stages), ...checkSink(stages)];
}

/** At most one window stage, and none where the source first copies what is stored. Source: asp-language sections 1.6 and 1.1.4. */
function checkWindows(stages: readonly LocatedStage[]): readonly Finding[] {
  const [first, ...others] = stages.filter(({ description }) => description?.role === "window");
  if (first === undefined) return [];
  const stage = Number(pathOf(first.stage).at(-1)) + 1;
  const repeated = others.map((other) => windowOnce(atOf(other.stage), { name: other.name, first: first.name, stage }));
  const syncs = stages.some(({ name, args }) => {
    return name === "$source" && child(child(args, "initialSync"), "enable").value === true;
  });
  return syncs ? [windowWithInitialSync(atOf(first.stage), { name: first.name }), ...repeated] : repeated;
}

function checkSink(stages: readonly LocatedStage[]): readonly Finding[] {
  const last = stages.at(-1);
  if (last === undefined) return [];
  const misplaced = stages.slice(0, -1).filter(({ description }) => description?.role === "sink");
  const findings = misplaced.map((sink) => {
    const after = stages.slice(stages.indexOf(sink) + 1).map(({ name }) => name);
    return sinkNotLast(atOf(sink.stage), { sink: sink.name, after: after.slice(0, 10) });
  });
  const ends = last.description === undefined || last.description.role === "sink" || last.description.mayEnd === true;
  return ends || misplaced.length > 0 ? findings : [noSink(atOf(last.stage), { last: last.name })];
}

const places: Readonly<Record<StageContext, string>> = {
  main: "a processor's own pipeline, outside of a window",
  window: "a window",
  payload: "`payload`",
  changeStream: "`$source.config.pipeline`, which the cluster runs over its change stream",
  whenMatched: "`whenMatched`, which the cluster runs as an update",
  cluster: "a pipeline that the cluster runs",
};

/** Checks that a stage may stand where it does. */
export function checkContext(located: LocatedStage): readonly Finding[] {
  const { name, description, context, stage } = located;
  if (description === undefined || description.contexts.includes(context)) return [];
  const allowed = [...stageTable.values()]
    .filter(({ contexts }) => contexts.includes(context))
    .map((each) => each.name);
  const help = whereInstead(description, context);
  return [stageInWrongContext(atOf(stage), { stage: name, where: places[context], allowed, help })];
}

function whereInstead({ role, contexts }: StageDescription, context: StageContext): string | undefined {
  switch (context) {
    case "main":
      return contexts.includes("window") ? "move it into the pipeline of a window stage" : undefined;
    case "window":
      if (role !== "window") return contexts.includes("main") ? "move it out of the window" : undefined;
      return "write what the outer window gives to a collection or a topic, and read that with a second processor";
    case "payload":
      return contexts.includes("main") ? "move it before the stage whose payload this is" : undefined;
    default:
      return undefined;
  }
}
