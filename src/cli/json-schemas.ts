import { Type } from "@sinclair/typebox";
import type { TProperties, TSchema } from "@sinclair/typebox";
import { findingSchema } from "../diagnostics/findings-schema.ts";
import { dlqReportSchema } from "./dlq/dlq-report.ts";
import { graphReportSchema } from "./graph/graph-report.ts";
import { deployReportSchema } from "./render/deploy-report-schema.ts";
import {
  logsReportSchema,
  sampleReportSchema,
  stateReportSchema,
  statsReportSchema,
  statusReportSchema,
} from "./render/operate-schemas.ts";
import { planReportSchema } from "./render/plan-report-schema.ts";
import { rebuildReportSchema } from "./render/rebuild-report-schema.ts";

const closed = { additionalProperties: false };
const texts = (description: string) => Type.Array(Type.String(), { description });

function published(name: string, title: string, properties: TProperties): TSchema {
  const draft = "http://json-schema.org/draft-07/schema#";
  return Type.Object(properties, { ...closed, $id: `urn:asp-toolkit:${name}`, $schema: draft, title });
}

/** What any command prints with `--json` where it came to no result: exit 3, 64, 70, 130 or 143. */
export const errorSchema = published("error", "What asp --json prints when a command fails", {
  error: Type.Union([
    findingSchema,
    Type.Object(
      { message: Type.String(), help: Type.Optional(Type.String()) },
      { ...closed, description: "A wrong command line, or an interruption." },
    ),
  ]),
});

export const initReportSchema = published("init-report", "What asp init --json prints", {
  created: texts("Files, relative to the working directory."),
  kept: texts("Files that were there and are as they were."),
  next: texts("Commands to type next."),
});

export const compileReportSchema = published("compile-report", "What asp compile --out --json prints", {
  out: Type.String({ description: "As it was given." }),
  files: texts("Of the definitions, relative to `out`."),
  written: texts("Those of `files` that were not current."),
  leftovers: texts("Definitions in `out` that belong to no processor any more."),
});

export const importReportSchema = published("import-report", "What asp import --json prints", {
  modules: Type.Array(
    Type.Object(
      {
        name: Type.String({ description: "Of the processor." }),
        file: Type.String({ description: "Relative to the working directory." }),
        equal: Type.Boolean({ description: "It compiles to the definition that was imported." }),
      },
      closed,
    ),
  ),
  fixtures: texts("Files of a first fixture case."),
  findings: Type.Array(findingSchema, { description: "By place." }),
});

const line = (description: string) => Type.String({ description });

export const emulatorReadySchema = published(
  "emulator-ready",
  "What asp emulator --json prints when it is ready, on one line",
  {
    wire: line("Connection string of the workspace, with user and password."),
    adminApi: line("Root of the Admin API."),
    caFile: Type.Optional(line("Certificate of the authority to trust; absent with --no-tls.")),
    projectId: line("24 hexadecimal digits."),
    workspace: line("Name of the workspace."),
    clientId: line("Of a service account."),
    clientSecret: line("Of the service account."),
    publicKey: line("Of an API key."),
    privateKey: line("Of the API key."),
    clusterUri: line("Connection string of the cluster that connections lead to."),
    clusterName: line("What the project calls that cluster."),
  },
);

const count = (description: string) => Type.Integer({ minimum: 0, description });
const ms = Type.Number({ minimum: 0, description: "Milliseconds." });

export const runReportSchema = published("run-report", "What asp run --json prints when it ends", {
  seconds: Type.Number({ minimum: 0 }),
  stoppedBy: Type.Optional(
    Type.Union([Type.Literal("SIGINT"), Type.Literal("SIGTERM")], {
      description: "Absent where every processor came to its end by itself.",
    }),
  ),
  processors: Type.Array(
    Type.Object(
      {
        name: Type.String(),
        state: Type.Union(["CREATED", "STARTED", "STOPPED", "FAILED"].map((state) => Type.Literal(state))),
        input: count("Documents that `$source` delivered."),
        output: count("Documents handed to the sink."),
        deadLetters: count("Documents."),
        lagMs: Type.Object(
          { p50: ms, p95: ms, max: ms },
          { ...closed, description: "From insert to the sink's acknowledgement." },
        ),
        error: Type.Optional(Type.Object({ code: Type.String(), message: Type.String() }, closed)),
      },
      closed,
    ),
  ),
});

const pageCode = Type.String({ pattern: "^ASP\\d{4}$" });

export const explainSchema = published("explain", "What asp explain --json prints", {
  code: Type.Optional(pageCode),
  page: Type.Optional(Type.String({ description: "Of that code, in Markdown." })),
  pages: Type.Optional(
    Type.Array(Type.Object({ code: pageCode, title: Type.String() }, closed), {
      description: "Without a code: all that there are.",
    }),
  ),
});

export const doctorReportSchema = published("doctor-report", "What asp doctor --json prints", {
  ok: Type.Boolean({ description: "True where no check is an error." }),
  checks: Type.Array(
    Type.Object(
      {
        name: Type.String(),
        status: Type.Union(["ok", "warning", "error"].map((status) => Type.Literal(status))),
        detail: Type.String(),
        notes: Type.Optional(texts("Facts.")),
        help: Type.Optional(Type.String({ description: "What to do." })),
        fault: Type.Optional(
          Type.Union([Type.Literal("project"), Type.Literal("world")], {
            description: "Whose an error is: exit 1 or exit 3.",
          }),
        ),
      },
      closed,
    ),
  ),
});

/** File name in `schema/` → schema. */
export const commandSchemas: Readonly<Record<string, TSchema>> = {
  "error.schema.json": errorSchema,
  "init-report.schema.json": initReportSchema,
  "compile-report.schema.json": compileReportSchema,
  "run-report.schema.json": runReportSchema,
  "emulator-ready.schema.json": emulatorReadySchema,
  "explain.schema.json": explainSchema,
  "doctor-report.schema.json": doctorReportSchema,
  "plan-report.schema.json": planReportSchema,
  "rebuild-report.schema.json": rebuildReportSchema,
  "deploy-report.schema.json": deployReportSchema,
  "status-report.schema.json": statusReportSchema,
  "state-report.schema.json": stateReportSchema,
  "stats-report.schema.json": statsReportSchema,
  "sample-report.schema.json": sampleReportSchema,
  "logs-report.schema.json": logsReportSchema,
  "import-report.schema.json": importReportSchema,
  "graph-report.schema.json": graphReportSchema,
  "dlq-report.schema.json": dlqReportSchema,
};
