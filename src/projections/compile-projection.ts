import type { Finding, Place } from "../diagnostics/finding.ts";
import type { Node } from "../expressions/node.ts";
import type { Definition } from "../stages/definition.ts";
import { checkInitial } from "./check-initial.ts";
import { checkOptions, guardOf } from "./check-options.ts";
import { checkRepeatable } from "./check-repeatable.ts";
import { defaultEnvelope } from "./envelope-path.ts";
import { checkUniqueIndexes } from "./check-unique-indexes.ts";
import type { IndexedCollection } from "./check-unique-indexes.ts";
import { eventSource } from "./event-source.ts";
import type { Fold } from "./fold.ts";
import type { Handler } from "./handler.ts";
import { mergeStages } from "./merge-stages.ts";
import { needsSeed } from "./needs-seed.ts";
import { parseValue } from "./parse-value.ts";
import type { Envelope, EventSource, ProjectionValue } from "./processor-value.ts";
import { callWithReferences, readHandler } from "./read-handler.ts";
import { createReporter } from "./reporter.ts";
import type { Reporter } from "./reporter.ts";
import { safeShape } from "./safe-shape.ts";
import { seedShape } from "./seed-shape.ts";
import { sourceStage } from "./source-stage.ts";

/** What a projection is compiled with. */
export interface ProjectionContext {
  /** The `events` block of the config. */
  readonly events?: EventSource | undefined;
  /** The `collections` of the config: their unique indexes have to leave tombstones out. */
  readonly collections?: readonly IndexedCollection[] | undefined;
  /** Where an object or a function of the author stands. */
  readonly at: (value: object) => Place | undefined;
}

/**
 * Compiles handlers into a processor: `$source` of the events they handle, stages that build the read model's document, and a `$merge`
 * that applies an event once.
 *
 * A user's mistake is a finding, never an exception; with an error there is no definition.
 */
export function compileProjection(
  value: ProjectionValue,
  context: ProjectionContext,
): { readonly definition?: Definition; readonly findings: readonly Finding[] } {
  const reporter = createReporter(value, typeof value.name === "string" ? value.name : undefined, context.at);
  const { findings } = reporter;
  if (!checkOptions(value, reporter)) return { findings };
  const source = eventSource(value.source, context.events, reporter);
  const fold = readFold(value, source?.envelope ?? defaultEnvelope, reporter);
  checkRepeatable(fold, value.on, reporter);
  if (source === undefined || findings.some(({ severity }) => severity === "error")) return { findings };
  const seeded = needsSeed(fold);
  if (seeded || fold.handlers.some(({ kind }) => kind === "remove")) {
    checkUniqueIndexes(value.into, context.collections ?? [], reporter);
    if (findings.length > 0) return { findings };
  }
  const shape = seeded ? seedShape(fold) : safeShape(fold);
  const pipeline = [
    sourceStage(source, fold.guard, Object.keys(value.on)),
    ...shape.stages,
    ...mergeStages(value.into, shape.replacement),
  ];
  const definition = { name: value.name, pipeline, ...(value.options === undefined ? {} : { options: value.options }) };
  return { definition, findings };
}

function readFold(value: ProjectionValue, envelope: Envelope, reporter: Reporter): Fold {
  const handlers = Object.entries(value.on)
    .map(([type, handler]) => readHandler(type, handler, reporter))
    .filter((handler): handler is Handler => handler !== undefined);
  const initial = value.initial ?? {};
  checkInitial(initial, reporter);
  const key = readKey(value.key, reporter);
  return {
    envelope,
    guard: guardOf(value),
    key: key ?? { kind: "reference", root: "event", path: ["stream"] },
    keyMayBeArray: value.key !== undefined,
    initial,
    handlers,
  };
}

function readKey(key: ProjectionValue["key"], reporter: Reporter): Node | undefined {
  if (key === undefined) return undefined;
  const result = callWithReferences("the key", key, reporter);
  if (result === undefined) return undefined;
  return parseValue(result.returned, { reporter, where: "the key", near: [key], variables: new Set() });
}
