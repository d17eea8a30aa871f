import { Type } from "@sinclair/typebox";

const closed = { additionalProperties: false };
const line = (description: string) => Type.String({ description });
const count = (description: string) => Type.Integer({ minimum: 0, description });
const strange = count("Documents of the queues that have not the shape of a dead letter.");

const list = Type.Object(
  {
    groups: Type.Array(
      Type.Object(
        {
          queue: line("`db.coll`."),
          processor: line("Its name."),
          operator: line("Stage that failed."),
          reason: line("Why."),
          count: count("Letters."),
          redriven: count("Of them: put through again already."),
          first: line("Time, ISO 8601."),
          last: line("Time, ISO 8601."),
          lastId: line("Of the last one, as `asp dlq show` takes it."),
        },
        closed,
      ),
    ),
    strange,
  },
  { ...closed, description: "`asp dlq list`." },
);

const show = Type.Object(
  { queue: line("`db.coll`."), letter: Type.Object({}, { description: "As it is stored, in Extended JSON." }) },
  { ...closed, description: "`asp dlq show`." },
);

const exported = Type.Object(
  {
    files: Type.Array(Type.String(), { description: "Of the case, relative to the project." }),
    letters: count("Letters that are in the case."),
    without: count("Letters whose event is not stored where asp can read it."),
    strange,
  },
  { ...closed, description: "`asp dlq export`." },
);

const redrive = Type.Object(
  {
    written: Type.Boolean({ description: "False: what would become of the letters." }),
    letters: Type.Array(
      Type.Object(
        {
          id: line("Of the letter."),
          processor: line("Its name."),
          outcome: Type.Unsafe<string>({
            type: "string",
            enum: ["applied", "already applied", "too late", "fails", "gone", "refused"],
            description: "What became of it.",
          }),
          reason: Type.Optional(line("Why.")),
        },
        closed,
      ),
    ),
    more: Type.Boolean({ description: "There are more than --limit." }),
    strange,
  },
  { ...closed, description: "`asp dlq redrive`." },
);

export const dlqReportSchema = Type.Union([list, show, exported, redrive], {
  $id: "urn:asp-toolkit:dlq-report",
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "What asp dlq --json prints",
});
