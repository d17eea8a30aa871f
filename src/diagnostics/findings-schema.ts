import { Type } from "@sinclair/typebox";
import type { Static } from "@sinclair/typebox";

const orNull = { description: "Null where it is not known." };
const nullable = <Value>(type: string, description: string) =>
  Type.Unsafe<Value | null>({ type: [type, "null"], description: `${description} ${orNull.description}` });

export const findingSchema = Type.Object(
  {
    code: Type.String({ pattern: "^ASP\\d{4}$", description: "`asp explain CODE` tells about it." }),
    severity: Type.Unsafe<"error" | "warning" | "info">({ type: "string", enum: ["error", "warning", "info"] }),
    message: Type.String({ description: "One line, no full stop." }),
    processor: nullable<string>("string", "Name of the processor."),
    path: Type.Unsafe<readonly (string | number)[] | null>({
      type: ["array", "null"],
      items: { type: ["string", "integer"] },
      description: `Where in the processor, stages counted from 0. ${orNull.description}`,
    }),
    file: nullable<string>("string", "Relative to the project where it lies inside it."),
    line: nullable<number>("integer", "From 1."),
    column: nullable<number>("integer", "From 1, in UTF-16 units."),
    help: Type.Optional(Type.String({ description: "What to do, one imperative." })),
    notes: Type.Optional(
      Type.Unsafe<readonly string[]>({ type: "array", items: { type: "string" }, description: "Facts." }),
    ),
  },
  { additionalProperties: false },
);

/** What `--json` prints for findings, published as `schema/findings.schema.json`. */
export const findingsSchema = Type.Object(
  {
    findings: Type.Unsafe<readonly FindingJson[]>({ type: "array", items: findingSchema, description: "By place." }),
    errors: Type.Integer({ minimum: 0, description: "How many have severity error." }),
    warnings: Type.Integer({ minimum: 0, description: "How many have severity warning." }),
  },
  {
    $id: "urn:asp-toolkit:findings",
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Findings",
    description: "What `asp validate --json` and other commands print.",
    additionalProperties: false,
  },
);

/** A finding as `--json` prints it; what is not known is null, so that every finding has the same keys. */
export type FindingJson = Readonly<Static<typeof findingSchema>>;

export type FindingsJson = Readonly<Static<typeof findingsSchema>>;
