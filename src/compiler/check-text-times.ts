import type { Finding } from "../diagnostics/finding.ts";
import { atOf, child, pathOf } from "./cursor.ts";
import { eventTimeField, usesEventTime } from "./event-time.ts";
import { joinSteps } from "./join-steps.ts";
import type { WholeProcessor } from "./own-stages.ts";
import { labelOf } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { dateAsText } from "./rules/date-as-text.ts";
import { textsAfter, textsOfDocuments } from "./text-fields.ts";
import type { TextField, TextFields } from "./text-fields.ts";

/** A field that a stage needs as a date. */
interface Need {
  readonly field: string;
  readonly by: string;
  readonly why: string;
}

/** Finds texts that the processor itself puts where a window, or a time series collection, needs a date. */
export function checkTextTimes({ stages }: WholeProcessor): readonly Finding[] {
  const [source] = stages;
  if (source?.description?.role !== "source" || !stages.some((stage) => needsOf(stage, "").length > 0)) return [];
  const time = eventTimeField(source);
  const findings = new Map<TextField, Finding>();
  let texts: TextFields = sourceTexts(source, time);
  for (const stage of stages.slice(1)) {
    // A payload is a document of its own. What stands in a window follows it here, and gives what comes out of it.
    if (stage.context === "payload") continue;
    for (const need of needsOf(stage, time)) {
      const text = texts.get(need.field);
      if (text !== undefined && !findings.has(text)) findings.set(text, toFinding(need, text, time));
    }
    texts = textsAfter(stage, texts);
  }
  return [...findings.values()];
}

function sourceTexts(source: LocatedStage, time: string): TextFields {
  const texts = textsOfDocuments(source);
  // The source puts a date there.
  if (child(source.args, "timeField").value === undefined) return texts;
  return new Map([...texts].filter(([path]) => path !== time));
}

function needsOf(stage: LocatedStage, time: string): readonly Need[] {
  if (usesEventTime(stage)) {
    return [{ field: time, by: labelOf(stage), why: "a window puts a document by the date in this field" }];
  }
  if (stage.description?.role !== "sink") return [];
  const why = "a time series collection takes a document only with a date in this field";
  return stage
    .described()
    .flatMap(({ schema, cursor }) =>
      schema.isDate === true && typeof cursor.value === "string"
        ? [{ field: cursor.value, by: labelOf(stage), why }]
        : [],
    );
}

function toFinding({ field, ...need }: Need, { found, cursor }: TextField, time: string): Finding {
  const [, , , list, index] = pathOf(cursor);
  const isInline = list === "documents" && typeof index === "number";
  const what = isInline ? joinSteps([list, index, field]) : field;
  const isUntimed = isInline && field === time;
  return dateAsText(atOf(cursor), {
    ...{ what, found, type: "date" },
    need: isUntimed ? { ...need, why: "without `timeField` the time of a document is not read from it" } : need,
    right: isUntimed ? `add \`timeField: { $toDate: "$${field}" }\` to \`$source\`` : undefined,
  });
}
