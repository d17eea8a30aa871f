import { isProjection } from "../../compiler/project/member.ts";
import type { Environment } from "../../config/environment.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { guardOf } from "../../projections/check-options.ts";
import type { AuthoredValue, ProjectionValue } from "../../projections/processor-value.ts";
import type { Definition } from "../../stages/definition.ts";
import { covers, nameOf } from "../../compiler/project/resource.ts";
import { toDefinition } from "../plan/processor-text.ts";
import { textOf } from "../plan/normal-form.ts";
import { readFlow } from "../plan/read-flow.ts";
import type { RemoteProcessor } from "../plan/remote.ts";
import type { SkippedEvent } from "./fill.ts";
import type { Versions } from "../plan/versions.ts";

/** Documented in docs/errors/ASP6110.md. */
export const notAProjection = defineFinding<{ name: string }>("ASP6110", {
  severity: "error",
  message: ({ name }) => `\`${name}\` is no projection: asp cannot know how it follows from stored events`,
  help: "rebuild projections, or fill its collection by a script of your own",
});

/** Documented in docs/errors/ASP6111.md. */
export const positionCannot = defineFinding<{ name: string }>("ASP6111", {
  severity: "error",
  message: ({ name }) =>
    `\`${name}\` knows an event by its place in the change stream, which a stored event does not have`,
  notes: () => ["what the rebuild folds and what the stream delivers meanwhile overlap, and could not be told apart"],
  help: 'set `guard: "streams"` for a read model that many streams write to, or `guard: "version"` where it is one',
});

/** Documented in docs/errors/ASP6112.md. */
export const writtenByOthers = defineFinding<{ collection: string; writers: readonly string[] }>("ASP6112", {
  severity: "error",
  message: ({ collection, writers }) => `\`${collection}\` is also written by ${quoted(writers)}`,
  notes: () => ["a rebuilt collection holds what this projection makes of the events, and nothing else"],
  help: "give each processor a collection of its own",
});

/** Documented in docs/errors/ASP6113.md. */
export const streamIsCut = defineFinding<{ collection: string; readers: readonly string[] }>("ASP6113", {
  severity: "warning",
  message: ({ collection, readers }) =>
    `${quoted(readers)} read${readers.length === 1 ? "s" : ""} the change stream of \`${collection}\`, which ends when it is renamed`,
  help: "after the swap, start what reads it anew with `resumeFromCheckpoint: false`",
});

/** Documented in docs/errors/ASP6114.md. */
export const nameTaken = defineFinding<{ what: string }>("ASP6114", {
  severity: "error",
  message: ({ what }) => `${what} is there already, and no rebuild that is known here has made it`,
  help: "drop it or rename it, then run the command again",
});

/** Documented in docs/errors/ASP6118.md. */
export const eventsSkipped = defineFinding<{ count: number; first: readonly SkippedEvent[] }>("ASP6118", {
  severity: "warning",
  message: ({ count }) =>
    count === 1 ? "1 stored event could not be applied" : `${count} stored events could not be applied`,
  notes: ({ first }) => first.map(({ _id, reason }) => `${textOf(_id)}: ${reason}`),
  help: "correct the handler or the events, then rebuild again",
});

/** Documented in docs/errors/ASP6119.md. */
export const writesElsewhere = defineFinding<{ name: string; wanted: string; found: string }>("ASP6119", {
  severity: "error",
  message: ({ name, wanted, found }) =>
    `\`${name}\` of the workspace writes \`${found}\`, and the project's writes \`${wanted}\``,
  help: "give the projection another name: then it is built as a new one, beside the old",
});

/** Documented in docs/errors/ASP6123.md. */
export const noStreamIndex = defineFinding<{ events: string; stream: string; version: string }>("ASP6123", {
  severity: "info",
  message: ({ events, stream }) =>
    `\`${events}\` has no index that begins with \`${stream}\`: each part of the rebuild reads all events`,
  help: ({ stream, version }) => `make an index on \`{ ${stream}: 1, ${version}: 1 }\``,
});

/** What can be said of a projection before anything is read. */
export function checkProjection(
  value: AuthoredValue | undefined,
  name: string,
): {
  readonly projection?: ProjectionValue;
  readonly findings: readonly Finding[];
} {
  if (value === undefined || !isProjection(value)) return { findings: [notAProjection({ processor: name }, { name })] };
  if (guardOf(value) === "position") return { findings: [positionCannot({ processor: name }, { name })] };
  return { projection: value, findings: [] };
}

/** Who else in the workspace has to do with the collection that is rebuilt. */
export function checkNeighbours(
  definition: Definition,
  {
    processors,
    versions,
    environment,
  }: {
    readonly processors: readonly RemoteProcessor[];
    readonly versions: Versions;
    readonly environment: Environment;
  },
): readonly Finding[] {
  const { name } = definition;
  const { writes } = readFlow(definition, environment);
  if (writes === undefined) return [];
  const at = { processor: name };
  const own = new Set(Object.values(versions));
  const flows = processors.map((each) => ({ name: each.name, ...readFlow(toDefinition(each), environment) }));
  const others = flows.filter((each) => !own.has(each.name));
  const writers = others.filter((each) => each.writes !== undefined && covers(writes, each.writes));
  const readers = others.filter((each) => each.reads.some((read) => covers(read, writes)));
  const live = flows.find((each) => each.name === name);
  const collection = nameOf(writes);
  return [
    ...(live?.writes === undefined || covers(writes, live.writes)
      ? []
      : [writesElsewhere(at, { name, wanted: collection, found: nameOf(live.writes) })]),
    ...(writers.length === 0 ? [] : [writtenByOthers(at, { collection, writers: writers.map((each) => each.name) })]),
    ...(readers.length === 0 ? [] : [streamIsCut(at, { collection, readers: readers.map((each) => each.name) })]),
  ];
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
