import type { Document } from "bson";
import { isPlainName } from "../expressions/field-path.ts";
import { toReference } from "./create-reference.ts";
import { badFieldName } from "./findings/bad-field-name.ts";
import { notStorable } from "./findings/not-storable.ts";
import { reservedField } from "./findings/reserved-field.ts";
import { parseValue } from "./parse-value.ts";
import type { Reporter } from "./reporter.ts";
import { reservedFields } from "./reserved-fields.ts";

/** Checks that `initial` is a document of constants. */
export function checkInitial(initial: Document, reporter: Reporter): void {
  const near = [initial];
  for (const [name, value] of Object.entries(initial) as [string, unknown][]) {
    const why = reservedFields.get(name);
    if (why !== undefined) reporter.report(reservedField, { where: "`initial`", field: name, why }, near);
    if (!isPlainName(name)) {
      const problem = "its top-level fields are the read model's, so write objects instead of dotted paths";
      reporter.report(badFieldName, { where: "`initial`", name, why: problem }, near);
    }
    const where = `\`initial\`, field \`${name}\`,`;
    if (toReference(value) !== undefined)
      reporter.report(notStorable, { where, got: "a reference", help: "give a constant" }, near);
    else parseConstant(value, where, near, reporter);
  }
}

/** Texts that start with a dollar are constants here, so only what BSON cannot hold is reported. */
function parseConstant(value: unknown, where: string, near: readonly unknown[], reporter: Reporter): void {
  if (typeof value === "string") return;
  if (Array.isArray(value)) value.forEach((item) => parseConstant(item, where, near, reporter));
  else parseValue(value, { reporter, where, near, variables: new Set() });
}
