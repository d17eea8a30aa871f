import { Type } from "@sinclair/typebox";
import type { Static, TSchema } from "@sinclair/typebox";
import { findingSchema } from "../../diagnostics/findings-schema.ts";

const closed = { additionalProperties: false };
const line = (description: string) => Type.String({ description });
const oneOf = <const Values extends readonly string[]>(values: Values, description: string) =>
  Type.Unsafe<Values[number]>({ type: "string", enum: [...values], description });
const listOf = <Schema extends TSchema>(items: Schema, description: string) =>
  Type.Unsafe<readonly Static<Schema>[]>({ type: "array", items, description });
const lines = (description: string) => listOf(Type.String(), description);
const count = Type.Integer({ minimum: 0 });
const price = (description: string) => Type.Number({ minimum: 0, description });
const flag = (description: string) => Type.Boolean({ description });
const place = (description: string) => Type.Integer({ minimum: 0, description });

const field = Type.Object(
  {
    field: line("Path of a setting."),
    before: Type.Optional(line("As it is, for people; absent where there is none.")),
    after: Type.Optional(line("As it is to be.")),
  },
  closed,
);

const stage = Type.Object(
  {
    kind: oneOf(["same", "changed", "added", "removed"], "What becomes of it."),
    operator: line("`$match` …"),
    before: Type.Optional(place("Its place as it is, from 0.")),
    after: Type.Optional(place("Its place as it is to be, from 0.")),
    lines: lines("Of its Extended JSON, each after `-`, `+` or a blank; empty where it is the same."),
  },
  closed,
);

const tier = Type.Object(
  {
    before: Type.Optional(line("Now.")),
    after: Type.Optional(line("Afterwards.")),
    hourlyBefore: Type.Optional(price("US dollars an hour, where the price is known.")),
    hourlyAfter: Type.Optional(price("US dollars an hour, where the price is known.")),
  },
  closed,
);

const verdict = Type.Object(
  {
    checkpoint: oneOf(["keeps", "discards"], "What becomes of the checkpoint."),
    rule: line("Name of the rule of the service."),
    reason: line("The rule, in a sentence."),
    lost: lines("What the processor no longer has."),
    rebuild: lines("Collections that lack what happened meanwhile."),
    outdated: Type.Optional(
      line(
        "Collection that keeps what the former handlers of a projection made of earlier events: `asp rebuild` makes it anew.",
      ),
    ),
  },
  { ...closed, description: "With `edit` and `rename`." },
);

export const stepProperties = {
  kind: oneOf(
    [
      "create-workspace",
      "edit-workspace",
      "create-collection",
      "edit-collection",
      "create-index",
      "create-connection",
      "edit-connection",
      "delete-connection",
      "keep",
      "adopt",
      "create",
      "start",
      "edit",
      "rename",
      "delete",
    ],
    "What is done; `keep`: nothing.",
  ),
  name: line("Of the processor, the connection, the workspace; of a collection or an index `db.coll`."),
  cluster: Type.Optional(line("With collections and indexes: their connection, as the config calls it.")),
  index: Type.Optional(line("With `create-index`: its key in Extended JSON, and its options after it.")),
  neededBy: Type.Optional(lines("With `create-index`: processors that cannot run without it.")),
  state: Type.Optional(line("Of the processor now.")),
  error: Type.Optional(line("With `start`: why it failed.")),
  formerName: Type.Optional(line("With `rename`.")),
  adopts: Type.Optional(flag("It exists, and was not recorded as the project's.")),
  tier: Type.Optional(tier),
  verdict: Type.Optional(verdict),
  stops: Type.Optional(flag("It runs, and is stopped for the change.")),
  starts: Type.Optional(flag("It is started afterwards.")),
  options: Type.Optional(listOf(field, "Settings that change.")),
  stages: Type.Optional(listOf(stage, "Every stage; empty where the pipeline is the same.")),
  stopped: Type.Optional(lines("With `edit-connection`: processors that are stopped for it and started again.")),
  lost: Type.Optional(lines("With `delete`: what is gone with it.")),
};

export const stepSchema = Type.Object(stepProperties, closed);

export const planReportSchema = Type.Object(
  {
    environment: line("Its name."),
    suffix: Type.Optional(line("Of a preview: what its names end with.")),
    target: line("The workspace, and the door through which it was read."),
    changes: flag("Whether any step changes something."),
    digest: line("Of what the plan was made from: SHA-256, hexadecimal."),
    ownership: oneOf(["recorded", "unrecorded"], "Whether it is known whose the processors are."),
    summary: Type.Object(
      {
        unchanged: count,
        adopt: count,
        create: count,
        start: count,
        edit: count,
        rename: count,
        delete: count,
        workspace: count,
        connections: count,
        collections: count,
        discardsCheckpoint: count,
      },
      { ...closed, description: "How many steps of each kind." },
    ),
    cost: Type.Optional(
      Type.Object(
        { before: price("US dollars an hour."), after: price("US dollars an hour.") },
        { ...closed, description: "Of the plan's processors that run; absent where a price is not known." },
      ),
    ),
    steps: listOf(stepSchema, "In the order in which they are done."),
    unmanaged: lines("Processors of the workspace that are not the project's."),
    prunable: lines("Processors that are recorded as the project's and are no more in it, where nothing is pruned."),
    findings: listOf(findingSchema, "By place."),
  },
  {
    ...closed,
    $id: "urn:asp-toolkit:plan-report",
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "What asp plan --json prints",
  },
);

export type PlanReport = Static<typeof planReportSchema>;
export type StepReport = Static<typeof stepSchema>;
