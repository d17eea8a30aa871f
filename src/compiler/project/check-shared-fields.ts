import type { Environment } from "../../config/environment.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { sharedField } from "../rules/shared-field.ts";
import { shownPlace } from "./member.ts";
import type { ReadMember } from "./member.ts";
import { nameOf, writtenBy } from "./resource.ts";
import { commonField, writtenFields } from "./written-fields.ts";

/** Finds processors that write the same field of one collection; each pair once, at the later one. */
export function checkSharedFields(members: readonly ReadMember[], environment: Environment): readonly Finding[] {
  const findings: Finding[] = [];
  const before = new Map<string, ReadMember[]>();
  for (const member of members) {
    const target = writtenBy(member.stages.at(-1), environment);
    if (target?.kind !== "collection") continue;
    const key = JSON.stringify([target.connection, target.db, target.coll]);
    const others = before.get(key) ?? [];
    const fields = others.length === 0 ? undefined : writtenFields(member);
    for (const other of others) {
      const theirs = fields && writtenFields(other);
      const field = fields && theirs && commonField(fields, theirs);
      if (field === undefined) continue;
      const where = `\`${other.name}\` writes it too${shownPlace(other.atStage("sink"))}`;
      findings.push(
        sharedField(member.atStage("sink"), {
          field: field === "every field" ? undefined : field,
          collection: nameOf(target),
          names: [other.name, member.name],
          where,
        }),
      );
    }
    before.set(key, [...others, member]);
  }
  return findings;
}
