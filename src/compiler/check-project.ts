import type { Finding } from "../diagnostics/finding.ts";
import { checkLoops } from "./project/check-loops.ts";
import { checkSharedFields } from "./project/check-shared-fields.ts";
import { checkSinkIndexes } from "./project/check-sink-indexes.ts";
import { readMember } from "./project/member.ts";
import type { Member, ProjectContext } from "./project/member.ts";

/** What can be said of the processors of a project only side by side. All of it is a warning. */
export function checkProject(members: readonly Member[], context: ProjectContext): readonly Finding[] {
  const { environment } = context;
  const read = members.map((member) => readMember(member, context));
  return [
    ...checkSharedFields(read, environment),
    ...checkLoops(read, environment),
    ...checkSinkIndexes(read, environment),
  ];
}
