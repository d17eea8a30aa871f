import type { Environment } from "../config/environment.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { isDocument } from "./kinds.ts";
import { sampleFields } from "../stages/sample-data.ts";
import { connectionType } from "./check-connections.ts";
import { atOf, child } from "./cursor.ts";
import { schemaOf } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { fieldOfStoredData } from "./rules/field-of-stored-data.ts";

/** The sample data has no collections, and nothing to be read in another way. Source: asp-language section 1.1.4. */
export function checkSample(located: LocatedStage, environment: Environment): readonly Finding[] {
  const name = sourceConnection(located);
  if (name === undefined || connectionType(name, environment) !== "Sample") return [];
  const { args } = located;
  if (!isDocument(args.value)) return [];
  // What no `$source` has is found where its shape is checked, and topics by the connection's type.
  const known = Object.keys(schemaOf(located)?.properties ?? {});
  const strange = Object.keys(args.value).filter((field) => known.includes(field) && !sampleFields.includes(field));
  return strange.map((field) => fieldOfStoredData(atOf(child(args, field)), { field, connection: name }));
}

/** The connection that a `$source` names. */
export function sourceConnection({ name, args }: LocatedStage): string | undefined {
  const connection = name === "$source" ? child(args, "connectionName").value : undefined;
  return typeof connection === "string" ? connection : undefined;
}
