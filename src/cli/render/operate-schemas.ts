import { Type } from "@sinclair/typebox";
import type { Static, TProperties, TSchema } from "@sinclair/typebox";

const closed = { additionalProperties: false };
const line = (description: string) => Type.String({ description });
const amount = (description: string) => Type.Optional(Type.Number({ description }));
const listOf = <Schema extends TSchema>(items: Schema, description: string) =>
  Type.Unsafe<readonly Static<Schema>[]>({ type: "array", items, description });

const head = (name: string, title: string) => ({
  $id: `urn:asp-toolkit:${name}`,
  $schema: "http://json-schema.org/draft-07/schema#",
  title,
});
const published = <Properties extends TProperties>(name: string, title: string, properties: Properties) =>
  Type.Object(properties, { ...closed, ...head(name, title) });

const processorStatus = Type.Object(
  {
    name: line("Its name."),
    state: line("CREATED, STARTED, STOPPED, FAILED; any other name passes by itself."),
    error: Type.Optional(line("Why it is FAILED, in the service's words.")),
    tier: Type.Optional(line("The one it runs on.")),
    isOwn: Type.Boolean({ description: "Whether it is this project's." }),
    owner: Type.Optional(line("Whose else it is, where that is recorded.")),
    inputMessageCount: amount("Documents that passed `$source`, since it was created."),
    outputMessageCount: amount("Documents that passed the whole pipeline."),
    dlqMessageCount: amount("Dead letters."),
    inputBytes: amount("Of BSON."),
    outputBytes: amount("Of BSON."),
    dlqBytes: amount("Of BSON."),
    stateBytes: amount("Of windows that are open."),
    memoryUsageBytes: amount("As the service measures it."),
    memoryLimitBytes: amount("Above it the service lets the processor fail: 80 % of the tier's memory."),
    watermark: Type.Optional(line("Up to which windows are closed, as ISO 8601.")),
    changeStreamLagSeconds: amount("Behind the oplog of the source."),
    kafkaLagMessages: amount("Messages of all partitions that are not read yet."),
  },
  { ...closed, description: "What the service does not show is absent." },
);

export const statusReportSchema = published("status-report", "What asp status --json prints", {
  environment: line("Its name."),
  suffix: Type.Optional(line("Of a preview: what its names end with.")),
  target: line("The workspace, and the door through which it was read."),
  ownership: Type.Unsafe<"recorded" | "unrecorded">({
    type: "string",
    enum: ["recorded", "unrecorded"],
    description: "Whether it is known whose the processors are; otherwise names decide.",
  }),
  processors: listOf(processorStatus, "In the order of the workspace."),
  missing: listOf(Type.String(), "Processors of the project that the workspace does not have."),
  failed: Type.Integer({ minimum: 0, description: "How many are FAILED." }),
});

export const stateReportSchema = published("state-report", "What asp start and asp stop --json print", {
  environment: line("Its name."),
  target: line("The workspace, and the door through which it was reached."),
  processors: listOf(
    Type.Object(
      {
        name: line("Its name."),
        before: line("Its state when the command began."),
        state: line("The last that was read."),
        ok: Type.Boolean({ description: "Whether it is as it was to be." }),
        code: Type.Optional(line("Of what is on stderr, where it is not.")),
        message: Type.Optional(line("Why it is not.")),
      },
      closed,
    ),
    "In the order in which they were named.",
  ),
});

/** The service's own reply: it may have more than anybody here knows. */
export const statsReportSchema = Type.Object(
  { name: line("Its name."), state: Type.Optional(line("Its state.")), stats: Type.Optional(Type.Object({})) },
  {
    ...head("stats-report", "What asp stats --json prints"),
    description: "The service's own reply, as Extended JSON.",
  },
);

export const sampleReportSchema = Type.Array(Type.Object({}), {
  ...head("sample-report", "What asp sample --json prints"),
  description: "Documents as Extended JSON; a dead letter has one field, `_dlqMessage`.",
});

export const logsReportSchema = Type.Array(Type.Union([Type.Object({}), Type.String()]), {
  ...head("logs-report", "What asp logs --json prints"),
  description: "Entries, oldest first; a text where a line is no JSON.",
});

export type StatusReport = Static<typeof statusReportSchema>;
export type StateReport = Static<typeof stateReportSchema>;
