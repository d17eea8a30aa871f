import { Type } from "@sinclair/typebox";
import type { Static } from "@sinclair/typebox";
import { findingSchema } from "../../diagnostics/findings-schema.ts";
import { stepProperties } from "./plan-report-schema.ts";

const closed = { additionalProperties: false };
const line = (description: string) => Type.String({ description });
const oneOf = <const Values extends readonly string[]>(values: Values, description: string) =>
  Type.Unsafe<Values[number]>({ type: "string", enum: [...values], description });
const count = Type.Integer({ minimum: 0 });

const deployedStepSchema = Type.Object(
  {
    ...stepProperties,
    outcome: oneOf(
      ["done", "unchanged", "failed", "rolled-back", "skipped"],
      "`rolled-back`: the change failed, and everything is as it was before; `skipped`: it was not begun.",
    ),
    seconds: Type.Number({ minimum: 0, description: "From its begin to its end." }),
    reason: Type.Optional(line("With `failed` and `rolled-back`: why.")),
    notes: Type.Unsafe<readonly string[]>(
      Type.Array(Type.String(), { description: "What was put back, or why it was skipped." }),
    ),
    input: Type.Optional(
      Type.Integer({ minimum: 0, description: "Documents read since it was started; absent where that is not known." }),
    ),
  },
  closed,
);

export const deployReportSchema = Type.Object(
  {
    command: oneOf(["deploy", "destroy"], "Which of the two."),
    environment: line("Its name."),
    target: line("The workspace, and the door through which it is changed."),
    outcome: oneOf(
      ["done", "nothing", "refused", "declined", "failed", "interrupted"],
      "`nothing`: there was nothing to do; `refused`: the findings say why nothing was begun; `declined`: whoever was asked did not say yes.",
    ),
    summary: Type.Object(
      { done: count, unchanged: count, failed: count, rolledBack: count, skipped: count },
      { ...closed, description: "How many steps of each outcome." },
    ),
    steps: Type.Unsafe<readonly Static<typeof deployedStepSchema>[]>(
      Type.Array(deployedStepSchema, { description: "In the order of the plan; empty where nothing was begun." }),
    ),
    findings: Type.Unsafe<readonly Static<typeof findingSchema>[]>(Type.Array(findingSchema)),
  },
  {
    ...closed,
    $id: "urn:asp-toolkit:deploy-report",
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "What asp deploy --json and asp destroy --json print",
  },
);

export type DeployReport = Static<typeof deployReportSchema>;
