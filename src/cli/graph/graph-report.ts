import { Type } from "@sinclair/typebox";
import type { Static } from "@sinclair/typebox";
import type { Lineage } from "../../compiler/lineage/lineage.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { findingSchema } from "../../diagnostics/findings-schema.ts";
import { findingsToJson } from "../../diagnostics/findings-to-json.ts";
import { toTouched } from "./touched.ts";

const closed = { additionalProperties: false };
const line = (description: string) => Type.String({ description });
const lines = (description: string) =>
  Type.Unsafe<readonly string[]>({ type: "array", items: { type: "string" }, description });
const oneOf = (values: readonly string[], description: string) =>
  Type.Unsafe<string>({ type: "string", enum: [...values], description });

const resourceKinds = "collection topic stream bucket table http function schedule documents sample connection".split(
  " ",
);

const resource = Type.Object(
  {
    id: line("The same for all that touch the same thing."),
    kind: oneOf(resourceKinds, "What it is."),
    name: line("As the environment names it: `shop.orders`, `shop.*` for a whole database, a topic …"),
    connections: lines("Connections by which processors reach it."),
    computed: Type.Boolean({
      description: "An expression decides for each document; the name is that of the expression.",
    }),
    writers: lines("Processors that write it."),
    readers: lines("Processors whose source it is."),
    askers: lines("Processors that look something up there, or call it."),
    deadLettersOf: lines("Processors whose dead letters go there."),
  },
  closed,
);

const edge = Type.Object(
  {
    from: line("Id of a processor or a resource."),
    to: line("Id of a processor or a resource."),
    kind: oneOf(
      ["reads", "looks up", "calls", "writes", "dead letters", "within"],
      "In the direction in which data flows; `within`: a collection is among those that are read.",
    ),
  },
  closed,
);

export const graphReportSchema = Type.Object(
  {
    environment: line("Whose names these are."),
    processors: Type.Array(Type.Object({ id: line("For `edges`."), name: line("Its name.") }, closed)),
    resources: Type.Array(resource, { description: "What they read, ask and write." }),
    edges: Type.Array(edge),
    findings: Type.Array(findingSchema, { description: "By place." }),
  },
  {
    ...closed,
    $id: "urn:asp-toolkit:graph-report",
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "What asp graph --json prints",
  },
);

export type GraphReport = Static<typeof graphReportSchema>;

export function toGraphReport(lineage: Lineage, environment: string, findings: readonly Finding[]): GraphReport {
  return {
    environment,
    processors: [...lineage.processors],
    resources: lineage.resources.map(({ isComputed, ...rest }) => ({
      ...rest,
      computed: isComputed,
      ...toTouched(lineage, rest.id),
    })),
    edges: [...lineage.edges],
    findings: [...findingsToJson(findings).findings],
  };
}
