import type { Finding } from "../diagnostics/finding.ts";
import { changeStreamArgs } from "../stages/source-change-stream.ts";
import { atOf, child, descend } from "./cursor.ts";
import { fieldFate } from "./field-fate.ts";
import type { Fate, Field } from "./field-fate.ts";
import type { WholeProcessor } from "./own-stages.ts";
import { readStages } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { eventTimeLost } from "./rules/event-time-lost.ts";
import { resumeTokenLost } from "./rules/resume-token-lost.ts";

const token: Field = { name: "_id", kind: "object" };
/** What event time is read from. Source: asp-language section 1.1.4. */
const times: readonly Field[] = [
  { name: "wallTime", kind: "date" },
  { name: "clusterTime", kind: "other" },
];

/** Finds fields of change events that the source's own pipeline does not leave as they are, each where it is lost first. */
export function checkEventFields({ stages }: WholeProcessor): readonly Finding[] {
  const source = stages.find(({ variant }) => variant?.args === changeStreamArgs);
  if (source === undefined) return [];
  let intact: readonly Field[] = [token, ...times];
  const findings: Finding[] = [];
  for (const located of readStages(descend(source.args, ["config", "pipeline"]), "changeStream").stages) {
    const lost = intact.flatMap(({ name, ...field }) => {
      const fate = fieldFate(located.name, located.args.value, { name, ...field });
      return fate === undefined ? [] : [{ name, fate }];
    });
    intact = intact.filter(({ name }) => !lost.some((each) => each.name === name));
    findings.push(...findLost(located, lost));
  }
  return findings;
}

interface Lost {
  readonly name: string;
  readonly fate: Fate;
}

/** One finding where the stage loses the resume token, whatever it loses beside it. */
function findLost({ name: stage, stage: cursor, args }: LocatedStage, lost: readonly Lost[]): readonly Finding[] {
  const id = lost.find(({ name }) => name === token.name);
  if (id !== undefined) {
    const root = stage === "$replaceRoot" ? child(args, "newRoot").value : args.value;
    const others = lost.filter((each) => each !== id).map(({ name }) => name);
    return [resumeTokenLost(atOf(cursor), { stage, fate: id.fate, others, unwraps: root === "$fullDocument" })];
  }
  return (["dropped", "altered"] as const).flatMap((fate) => {
    const fields = lost.filter((each) => each.fate === fate).map(({ name }) => name);
    return fields.length === 0 ? [] : eventTimeLost(atOf(cursor), { stage, fate, fields });
  });
}
