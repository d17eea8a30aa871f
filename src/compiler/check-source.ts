import type { Finding } from "../diagnostics/finding.ts";
import { atOf, child } from "./cursor.ts";
import type { LocatedStage } from "./read-stages.ts";
import { excludedField } from "./rules/excluded-field.ts";
import { sourceScope } from "./rules/source-scope.ts";

/** Checks what fields of a change stream `$source` mean beside each other. Source: asp-language section 1.1.4. */
export function checkSource({ name, variant, args }: LocatedStage): readonly Finding[] {
  if (name !== "$source" || variant?.runs !== true) return [];
  const findings: Finding[] = [];
  const has = (field: string) => child(args, field).value !== undefined;
  if (has("coll") && !has("db")) findings.push(sourceScope(atOf(child(args, "coll")), { field: "coll", needs: "db" }));
  const initialSync = child(args, "initialSync");
  if (child(initialSync, "enable").value === true && !has("coll")) {
    findings.push(sourceScope(atOf(initialSync), { field: "initialSync", needs: "coll" }));
  }
  const config = child(args, "config");
  const [by, field] = ["startAfter", "startAtOperationTime"] as const;
  if (child(config, by).value !== undefined && child(config, field).value !== undefined) {
    findings.push(excludedField(atOf(child(config, field)), { owner: "`config` of `$source`", field, by }));
  }
  return findings;
}
