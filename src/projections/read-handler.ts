import { isPlainObject } from "../expressions/is-plain-object.ts";
import { createReference, referenceText, ReferenceMisuse, toReference } from "./create-reference.ts";
import { describeValue } from "./describe-value.ts";
import { badFieldName } from "./findings/bad-field-name.ts";
import { handlerThrew } from "./findings/handler-threw.ts";
import { notFields } from "./findings/not-fields.ts";
import { pathBesideParent } from "./findings/path-beside-parent.ts";
import { referenceAsValue } from "./findings/reference-as-value.ts";
import { reservedField } from "./findings/reserved-field.ts";
import type { FieldSet, Handler } from "./handler.ts";
import { parseValue } from "./parse-value.ts";
import { isRemoval } from "./remove.ts";
import type { Reporter } from "./reporter.ts";
import { reservedFields } from "./reserved-fields.ts";

/** Calls a handler with references and reads what it returned; undefined where that is not a handler's result. */
export function readHandler(
  name: string,
  handler: (event: never, view: never) => unknown,
  reporter: Reporter,
): Handler | undefined {
  const called = `the handler \`${name}\``;
  const result = callWithReferences(called, handler, reporter);
  if (result === undefined) return undefined;
  const { returned } = result;
  if (isRemoval(returned)) return { kind: "remove", name };
  if (!isPlainObject(returned) || toReference(returned) !== undefined) {
    reporter.report(notFields, { handler: called, got: describeReturned(returned) }, [handler]);
    return undefined;
  }
  const near = [returned, handler];
  const fields = Object.entries(returned).map(([key, value]): FieldSet => {
    const path = key.split(".");
    checkPath(called, key, path, reporter, near);
    const where = `${called}, field \`${key}\`,`;
    return { path, value: parseValue(value, { reporter, where, near, variables: new Set() }) };
  });
  checkParents(called, Object.keys(returned), reporter, near);
  return { kind: "fields", name, fields };
}

/** Calls a function of the author with references; what it throws is reported. */
export function callWithReferences(
  called: string,
  call: (event: never, view: never) => unknown,
  reporter: Reporter,
): { readonly returned: unknown } | undefined {
  try {
    return { returned: call(createReference("event") as never, createReference("view") as never) };
  } catch (error) {
    if (error instanceof ReferenceMisuse) {
      const reference = referenceText(error.reference);
      reporter.report(referenceAsValue, { handler: called, reference, use: error.use }, [call]);
    } else {
      const text = error instanceof Error ? error.message : describeValue(error);
      reporter.report(handlerThrew, { handler: called, error: text }, [call]);
    }
    return undefined;
  }
}

function describeReturned(returned: unknown): string {
  const reference = toReference(returned);
  return reference === undefined ? describeValue(returned) : `the reference \`${referenceText(reference)}\``;
}

function checkPath(
  called: string,
  key: string,
  path: readonly string[],
  reporter: Reporter,
  near: readonly unknown[],
): void {
  const why = reservedFields.get(path[0] ?? "");
  if (why !== undefined) reporter.report(reservedField, { where: called, field: path[0] ?? "", why }, near);
  const problem = pathProblem(path);
  if (problem !== undefined) reporter.report(badFieldName, { where: called, name: key, why: problem }, near);
}

function pathProblem(path: readonly string[]): string | undefined {
  if (path.includes("")) return "a path has a name between its dots";
  if (path.some((name) => name.startsWith("$"))) return "a field name cannot start with a dollar";
  return path.some((name) => name.includes("\0")) ? "a field name cannot hold a null character" : undefined;
}

function checkParents(called: string, keys: readonly string[], reporter: Reporter, near: readonly unknown[]): void {
  const all = new Set(keys);
  for (const key of keys) {
    const names = key.split(".");
    const parent = names
      .map((_, index) => names.slice(0, index).join("."))
      .find((prefix) => prefix !== "" && all.has(prefix));
    if (parent !== undefined) reporter.report(pathBesideParent, { handler: called, parent, path: key }, near);
  }
}
