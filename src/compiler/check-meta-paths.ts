import { isStreamPath, openPaths, streamPaths } from "../expressions/metadata-paths.ts";
import type { MetadataOrigin } from "../expressions/metadata-paths.ts";
import { firstCandidates } from "../diagnostics/suggest.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { changeStreamArgs } from "../stages/source-change-stream.ts";
import { kafkaArgs } from "../stages/source-kafka.ts";
import { kinesisArgs } from "../stages/source-kinesis.ts";
import { atOf, child } from "./cursor.ts";
import { toFields } from "./expressions/walk.ts";
import { quote } from "./quote.ts";
import { readStages } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { metadataNotSet } from "./rules/metadata-not-set.ts";
import { metadataNotThere } from "./rules/metadata-not-there.ts";
import { isMetadataKey, streamMetadataKey } from "./rules/stream-metadata-key.ts";
import { walkExpressions } from "./walk-expressions.ts";

/** What metadata there is where a stage stands. */
interface Available {
  readonly origins: Set<MetadataOrigin>;
  /** The paths that `$setStreamMeta` has set, and those of the documents around them. */
  readonly custom: Set<string>;
  readonly parents: Set<string>;
}

/**
 * Checks the paths of `{ $meta: "stream…" }` in a processor's stages against what the source, the stages before and `$setStreamMeta` set, and
 * the keys of `$setStreamMeta`.
 *
 * @param stages The processor's own, in order; those inside windows and payloads are read from them.
 */
export function checkMetaPaths(stages: readonly LocatedStage[]): readonly Finding[] {
  const findings: Finding[] = [];
  checkStages(stages, { origins: new Set(["always"]), custom: new Set(), parents: new Set() }, findings);
  return findings;
}

function checkStages(stages: readonly LocatedStage[], available: Available, findings: Finding[]): void {
  for (const located of stages) {
    if (located.name === "$source") for (const origin of originsOf(located)) available.origins.add(origin);
    checkUses(located, available, findings);
    if (located.description?.role === "window") {
      available.origins.add("window");
      if (located.name === "$sessionWindow") available.origins.add("sessionWindow");
      checkStages(readStages(child(located.args, "pipeline"), "window").stages, available, findings);
    }
    if (located.name === "$https") available.origins.add("https");
    if (located.name === "$setStreamMeta") setCustom(located, available, findings);
  }
}

function originsOf({ args, variant }: LocatedStage): readonly MetadataOrigin[] {
  switch (variant?.args) {
    case kafkaArgs:
      return ["kafka"];
    case kinesisArgs:
      return ["kinesis"];
    case changeStreamArgs:
      return child(args, "initialSync").value === undefined ? ["changeStream"] : ["changeStream", "initialSync"];
    default:
      return [];
  }
}

function checkUses(located: LocatedStage, available: Available, findings: Finding[]): void {
  if (!mentionsMetadata(located.args.value)) return;
  for (const described of located.described()) {
    if (described.schema.context === "payload") {
      checkStages(readStages(described.cursor, "payload").stages, available, findings);
      continue;
    }
    walkExpressions(described, {
      operator: (operator, here) => {
        if (operator !== "$meta") return;
        const cursor = here();
        const path = child(cursor, operator).value;
        if (typeof path !== "string" || !isStreamPath(path)) return;
        const finding = judge(path, available);
        if (finding !== undefined) findings.push(finding(atOf(cursor)));
      },
    });
  }
}

/** Few stages read metadata, and looking for the word alone costs little. */
function mentionsMetadata(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(mentionsMetadata);
  const fields = toFields(value);
  for (const key in fields) if (key === "$meta" || mentionsMetadata(fields[key])) return true;
  return false;
}

/** What there is to say of a path; undefined where it is there. */
function judge(
  path: string,
  available: Available,
): ((at: Parameters<typeof metadataNotSet>[0]) => Finding) | undefined {
  const { origins, custom, parents } = available;
  if (parents.has(path) || prefixesOf(path).some((prefix) => custom.has(prefix))) return undefined;
  const open = openPaths.find((each) => path.startsWith(`${each}.`));
  const origin = streamPaths.get(open ?? path);
  if (origin === undefined) {
    const known = [...firstCandidates(parents), ...firstCandidates(custom), ...streamPaths.keys()];
    return (at) => metadataNotSet(at, { path, known, below: belowOf(path, available) });
  }
  return origins.has(origin) ? undefined : (at) => metadataNotThere(at, { path, exists: places[origin] });
}

/** What there is below the longest part of a path that is there itself. */
function belowOf(path: string, { origins, custom }: Available): string {
  const own = [...streamPaths].filter(([, origin]) => origins.has(origin)).map(([each]) => each);
  const there = [...own, ...firstCandidates(custom).flatMap(prefixesOf)];
  const hasMore = (prefix: string): boolean => there.some((each) => each.startsWith(`${prefix}.`));
  const parent = prefixesOf(path).findLast(hasMore) ?? "stream";
  const parts = there.filter((each) => each.startsWith(`${parent}.`)).map((each) => each.slice(parent.length + 1));
  const names = [...new Set(parts.map((part) => part.split(".", 1)[0] ?? part))].toSorted().slice(0, 12);
  return `below ${quote(parent)} there ${names.length === 1 ? "is" : "are"} ${names.map(quote).join(", ")}`;
}

/** `stream.a`, `stream.a.b` of `stream.a.b`. */
function prefixesOf(path: string): readonly string[] {
  const prefixes: string[] = [];
  for (let dot = path.indexOf(".", "stream.".length); dot !== -1; dot = path.indexOf(".", dot + 1)) {
    prefixes.push(path.slice(0, dot));
  }
  return [...prefixes, path];
}

const places: Readonly<Record<MetadataOrigin, string>> = {
  always: "always",
  kafka: "on a Kafka source",
  changeStream: "on a change stream source",
  initialSync: "on a change stream source with `initialSync`",
  kinesis: "on a Kinesis source",
  window: "inside a window and after it",
  sessionWindow: "inside a session window and after it",
  https: "after `$https`",
};

function setCustom({ args }: LocatedStage, available: Available, findings: Finding[]): void {
  const { custom, parents } = available;
  for (const key in toFields(args.value)) {
    if (isMetadataKey(key)) {
      custom.add(key);
      for (const prefix of prefixesOf(key).slice(0, -1)) parents.add(prefix);
    } else {
      const below = isStreamPath(key) && key !== "stream" ? belowOf(key, available) : undefined;
      findings.push(streamMetadataKey(atOf(child(args, key)), { key, below }));
    }
  }
}
