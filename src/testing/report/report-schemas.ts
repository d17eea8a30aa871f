import { Type } from "@sinclair/typebox";
import { findingSchema } from "../../diagnostics/findings-schema.ts";
import { trials } from "../case/trial.ts";

const closed = { additionalProperties: false };
const draft = "http://json-schema.org/draft-07/schema#";

const difference = Type.Object(
  {
    kind: Type.Union([Type.Literal("missing"), Type.Literal("extra"), Type.Literal("different")]),
    processor: Type.Optional(Type.String({ description: "Who wrote it; several are joined by a comma." })),
    collection: Type.String({ description: "`<db>.<coll>`, or `_dlq` for dead letters." }),
    _id: Type.Optional(Type.Unknown({ description: "EJSON." })),
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

/** What `asp test --json` prints. */
export const testReportSchema = Type.Object(
  {
    passed: Type.Integer({ minimum: 0, description: "Cases." }),
    failed: Type.Integer({ minimum: 0, description: "Cases." }),
    findings: Type.Array(findingSchema),
    cases: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), trials: Type.Array(trial) }, closed)),
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
