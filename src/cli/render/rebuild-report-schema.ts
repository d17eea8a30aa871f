import { Type } from "@sinclair/typebox";
import type { Static } from "@sinclair/typebox";
import { findingSchema } from "../../diagnostics/findings-schema.ts";

const closed = { additionalProperties: false };
const count = (description: string) => Type.Integer({ minimum: 0, description });
const line = (description: string) => Type.String({ description });
const listOf = <Schema extends Parameters<typeof Type.Array>[0]>(items: Schema, description: string) =>
  Type.Unsafe<readonly Static<Schema>[]>({ type: "array", items, description });

const field = Type.Object(
  {
    field: line("Path of a field."),
    before: Type.Optional(line("Extended JSON of the live value; absent where there is none.")),
    after: Type.Optional(line("Extended JSON of the new value; absent where there is none.")),
  },
  closed,
);

const difference = Type.Object(
  {
    _id: line("Extended JSON."),
    kind: Type.Union([Type.Literal("missing"), Type.Literal("extra"), Type.Literal("different")], {
      description: "missing: only the live collection has it; extra: only the new one has it.",
    }),
    fields: listOf(field, "Of `different`."),
  },
  closed,
);

const comparison = Type.Object(
  {
    live: count("Read models of the live collection."),
    next: count("Read models of the new collection."),
    isWhole: Type.Boolean({ description: "True where all were compared, and not a sample." }),
    compared: count("Read models that were compared."),
    unsettled: count("Read models that were written again and again meanwhile: nothing can be said of them."),
    different: count("Read models that differ."),
    differences: listOf(difference, "The first of those."),
    isLiveRunning: Type.Boolean({
      description: "False where the live collection lacks what came since its processor was stopped.",
    }),
  },
  { ...closed, description: "Absent where there is no live collection, or nothing was compared." },
);

/** What `asp rebuild --json` prints. */
export const rebuildReportSchema = Type.Object(
  {
    projection: line("Its name."),
    environment: line("Its name."),
    suffix: Type.Optional(line("Of a preview: what its names end with.")),
    outcome: Type.Union(
      ["built", "swapped", "rolled-back", "old-dropped", "aborted", "declined"].map((each) => Type.Literal(each)),
      {
        description:
          "built: the new version is beside the live one and follows the stream; declined: whoever was asked did not say yes.",
      },
    ),
    wasDone: Type.Boolean({ description: "True where an earlier run had done that: nothing was done." }),
    collection: line("`db.coll` of the live collection."),
    events: Type.Optional(
      Type.Object(
        { read: count("Stored events that were read."), skipped: count("Of those, events that could not be applied.") },
        closed,
      ),
    ),
    comparison: Type.Optional(comparison),
    findings: Type.Unsafe<readonly Static<typeof findingSchema>[]>({ type: "array", items: findingSchema }),
  },
  {
    ...closed,
    $id: "urn:asp-toolkit:rebuild-report",
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "What asp rebuild --json prints",
  },
);

export type RebuildReport = Static<typeof rebuildReportSchema>;
