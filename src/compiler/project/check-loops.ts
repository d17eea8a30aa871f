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
  const next = linkAll(linked);
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

/** From each to those that read what it writes, in the order of the project. */
function linkAll(linked: readonly Linked[]): ReadonlyMap<Linked, readonly Linked[]> {
  // Those that read one collection or topic are found by its name, since in a project of hundreds not everyone can be asked.
  const readers = new Map<string, Linked[]>();
  const wide: Linked[] = [];
  const add = (name: string, reader: Linked): void => {
    const others = readers.get(name);
    if (others === undefined) readers.set(name, [reader]);
    else others.push(reader);
  };
  for (const each of linked) {
    const names = each.reads.map(exactName);
    if (names.includes(undefined)) wide.push(each);
    else for (const name of new Set(names)) add(name ?? "", each);
  }
  const position = new Map(linked.map((each, index) => [each, index]));
  const at = (each: Linked): number => position.get(each) ?? 0;
  return new Map(
    linked.map((from) => {
      const name = from.writes && exactName(from.writes);
      const possible = [...(readers.get(name ?? "") ?? []), ...wide];
      return [from, possible.filter((to) => feeds(from, to)).toSorted((a, b) => at(a) - at(b))];
    }),
  );
}

/** One text for a topic or a collection; undefined for all collections of a database or a cluster. */
function exactName(resource: Resource): string | undefined {
  if (resource.kind === "topic") return JSON.stringify([resource.connection, resource.topic]);
  const { connection, db, coll } = resource;
  return db === undefined || coll === undefined ? undefined : JSON.stringify([connection, db, coll]);
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
