import type { Environment } from "../../config/environment.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { child, descend } from "../cursor.ts";
import { isDocument } from "../kinds.ts";
import type { LocatedStage } from "../read-stages.ts";
import { loop } from "../rules/loop.ts";
import type { ReadMember } from "./member.ts";
import { covers, nameOf, readBy, writtenBy } from "./resource.ts";
import type { Resource } from "./resource.ts";

interface Linked {
  readonly member: ReadMember;
  readonly reads: readonly Resource[];
  readonly writes: Resource | undefined;
  readonly onlyInserts: boolean;
  readonly onlyUpdates: boolean;
}

/** Finds processors that read what they write, by themselves or around several; each circle once. */
export function checkLoops(members: readonly ReadMember[], environment: Environment): readonly Finding[] {
  const linked = members.map((member): Linked => ({
    member,
    reads: readBy(member.stages[0], environment),
    writes: writtenBy(member.stages.at(-1), environment),
    onlyInserts: readsOnlyInserts(member.stages[0]),
    onlyUpdates: writesOnlyUpdates(member.stages.at(-1)),
  }));
  const next = new Map(linked.map((from) => [from, linked.filter((to) => feeds(from, to))] as const));
  const inCircle = new Set<Linked>();
  const findings: Finding[] = [];
  for (const start of linked) {
    // A circle is told once, at the first processor of it.
    const circle = inCircle.has(start) ? undefined : shortestCircle(start, next);
    if (circle === undefined) continue;
    for (const each of circle) inCircle.add(each);
    const steps = circle.map(({ member, writes }) => ({ name: member.name, writes: writes ? nameOf(writes) : "" }));
    findings.push(loop(start.member.atStage("source"), { steps }));
  }
  return findings;
}

function feeds({ writes, onlyUpdates }: Linked, { reads, onlyInserts }: Linked): boolean {
  if (writes === undefined || (onlyInserts && onlyUpdates)) return false;
  return reads.some((read) => covers(read, writes));
}

function shortestCircle(start: Linked, next: ReadonlyMap<Linked, readonly Linked[]>): readonly Linked[] | undefined {
  const reached = new Set<Linked>();
  let paths: readonly (readonly Linked[])[] = [[start]];
  while (paths.length > 0) {
    const longer: (readonly Linked[])[] = [];
    for (const path of paths) {
      for (const to of next.get(path.at(-1) ?? start) ?? []) {
        if (to === start) return path;
        if (reached.has(to)) continue;
        reached.add(to);
        longer.push([...path, to]);
      }
    }
    paths = longer;
  }
  return undefined;
}

/** True where the change stream leaves out all that an update of a document makes. */
function readsOnlyInserts(source: LocatedStage | undefined): boolean {
  if (source?.name !== "$source") return false;
  const match = descend(source.args, ["config", "pipeline", 0, "$match", "operationType"]).value;
  if (match === "insert") return true;
  if (!isDocument(match)) return false;
  const { $eq: equal, $in: among } = match as { readonly $eq?: unknown; readonly $in?: unknown };
  return equal === "insert" || (Array.isArray(among) && among.length > 0 && among.every((each) => each === "insert"));
}

function writesOnlyUpdates(sink: LocatedStage | undefined): boolean {
  return sink?.name === "$merge" && child(sink.args, "whenNotMatched").value === "discard";
}
