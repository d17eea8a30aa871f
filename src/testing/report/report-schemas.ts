import { Type } from "@sinclair/typebox";
import { findingSchema } from "../../diagnostics/findings-schema.ts";
import { trials } from "../case/trial.ts";

const closed = { additionalProperties: false };
const draft = "http://json-schema.org/draft-07/schema#";

const difference = Type.Object(
  {
    kind: Type.Union([Type.Literal("missing"), Type.Literal("extra"), Type.Literal("different")]),
    processor: Type.Optional(Type.String({ description: "Who wrote it; several are joined by a comma." })),
    collection: Type.String({
      description: "`<db>.<coll>`, `topic.<name>`, `captured.<connection>`, or `_dlq` for dead letters.",
    }),
    _id: Type.Optional(
      Type.Unknown({
        description: "EJSON. Of a message: `{key, position}`, where it is in the order of its key, from 1.",
      }),
    ),
    path: Type.String({ description: "Dotted; empty for a whole document." }),
    expected: Type.Optional(Type.Unknown({ description: "EJSON; absent where nothing is expected." })),
    actual: Type.Optional(Type.Unknown({ description: "EJSON; absent where there is nothing." })),
  },
  closed,
);

const trial = Type.Object(
  {
    name: Type.Union(trials.map((name) => Type.Literal(name))),
    ok: Type.Boolean(),
    skipped: Type.Optional(Type.String({ description: "Why it was not run." })),
    differences: Type.Array(difference),
  },
  closed,
);

const isoTime = Type.String({ description: "ISO 8601, in UTC." });
const span = Type.Object(
  {
    start: isoTime,
    end: isoTime,
    partition: Type.Optional(Type.Unknown({ description: "Of a session: EJSON." })),
  },
  closed,
);
const timeStep = Type.Object(
  {
    kind: Type.Union(
      ["watermark", "opened", "joined", "merged", "closed", "late", "between", "too large", "dropped"].map((kind) =>
        Type.Literal(kind),
      ),
    ),
    from: Type.Optional(Type.String({ description: "`watermark`: where it was; absent for the first." })),
    to: Type.Optional(Type.String({ description: "`watermark`: where it is." })),
    window: Type.Optional(span),
    windows: Type.Optional(
      Type.Array(span, {
        description: "`merged`: the sessions that are one now. `between`: the windows before and after.",
      }),
    ),
    documents: Type.Optional(Type.Integer({ minimum: 1, description: "`closed`: how many the window had." })),
    closedAt: Type.Optional(Type.String({ description: "`late`: the watermark that closes the window." })),
  },
  closed,
);
const timeEvent = Type.Object(
  {
    kind: Type.Union(
      ["document", "refused", "idle", "partitions", "clock"].map((kind) => Type.Literal(kind)),
      {
        description:
          "A document of the source, one that it made a dead letter of, or what moved the watermark without one.",
      },
    ),
    steps: Type.Array(timeStep, { description: "What it did to the watermark and to windows." }),
    number: Type.Optional(Type.Integer({ minimum: 1, description: "Which document of the source." })),
    _id: Type.Optional(Type.Unknown({ description: "EJSON." })),
    time: Type.Optional(Type.String({ description: "Event time of the document." })),
    reason: Type.Optional(Type.String({ description: "`refused`: why." })),
    silentSeconds: Type.Optional(Type.Number({ minimum: 0, description: "So long there was no document." })),
  },
  closed,
);
const time = Type.Object(
  {
    processor: Type.String(),
    window: Type.String({ description: "The stage." }),
    events: Type.Array(timeEvent),
    open: Type.Array(
      Type.Object({ window: span, documents: Type.Integer({ minimum: 1 }), closesAt: isoTime }, closed),
      { description: "Windows that are open at the end." },
    ),
  },
  closed,
);

/** What `asp test --json` prints. */
export const testReportSchema = Type.Object(
  {
    passed: Type.Integer({ minimum: 0, description: "Cases." }),
    failed: Type.Integer({ minimum: 0, description: "Cases." }),
    findings: Type.Array(findingSchema),
    cases: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          ok: Type.Boolean(),
          trials: Type.Array(trial),
          time: Type.Optional(
            Type.Array(time, {
              description:
                "With `--explain-time`: what trial straight did to windows, for each processor that has one.",
            }),
          ),
        },
        closed,
      ),
    ),
  },
  { ...closed, $id: "urn:asp-toolkit:test-report", $schema: draft, title: "What asp test --json prints" },
);

const ms = Type.Number({ minimum: 0, description: "Milliseconds." });

/** What `asp replay --json` prints. */
export const replayReportSchema = Type.Object(
  {
    events: Type.Integer({ minimum: 0 }),
    seconds: Type.Number({ minimum: 0 }),
    eventsPerSecond: Type.Number({ minimum: 0 }),
    processors: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          input: Type.Integer({ minimum: 0, description: "Documents that `$source` delivered." }),
          output: Type.Integer({ minimum: 0, description: "Documents handed to the sink." }),
          deadLetters: Type.Integer({ minimum: 0, description: "Documents." }),
          lagMs: Type.Object(
            { p50: ms, p95: ms, max: ms },
            { ...closed, description: "From insert to the sink's acknowledgement." },
          ),
        },
        closed,
      ),
    ),
    differences: Type.Optional(Type.Array(difference, { description: "From then/; absent where there are none." })),
    findings: Type.Optional(Type.Array(findingSchema, { description: "Absent where there are none." })),
  },
  { ...closed, $id: "urn:asp-toolkit:replay-report", $schema: draft, title: "What asp replay --json prints" },
);
