import { suggest } from "../diagnostics/suggest.ts";
import { isPlainObject } from "../expressions/is-plain-object.ts";
import { describeValue } from "./describe-value.ts";
import { defaultEnvelope } from "./envelope-path.ts";
import { badOption } from "./findings/bad-option.ts";
import { initialSyncNeedsOrder } from "./findings/initial-sync.ts";
import { noHandlers } from "./findings/no-handlers.ts";
import { positionNeedsOrder } from "./findings/position-needs-order.ts";
import { unknownGuard } from "./findings/unknown-guard.ts";
import { unknownOption } from "./findings/unknown-option.ts";
import type { ProjectionValue } from "./processor-value.ts";
import type { Reporter } from "./reporter.ts";

const optionNames = ["name", "into", "options", "source", "key", "initial", "on", "guard"] as const;
const intoNames = ["connectionName", "db", "coll"] as const;
const sourceNames = ["connectionName", "db", "coll", "envelope"] as const;
export const guards = ["version", "position", "streams", "none"] as const;

/** Checks what TypeScript would have shown: a projection may come from JavaScript, or be cast. True where it can be compiled. */
export function checkOptions(value: ProjectionValue, reporter: Reporter): boolean {
  const before = reporter.findings.length;
  // A position is not comparable to anything but itself where events overtake each other, so these two are told apart first.
  const explained = checkOrder(value, reporter);
  checkNames(value, "defineProjection", optionNames, reporter);
  if (typeof value.name !== "string" || value.name === "")
    bad(reporter, value, "name", "a text that is not empty", value.name);
  checkInto(value.into, reporter, explained);
  checkSource(value.source, reporter, explained);
  if (value.key !== undefined && typeof value.key !== "function") bad(reporter, value, "key", "a function", value.key);
  if (value.initial !== undefined && !isPlainObject(value.initial))
    bad(reporter, value, "initial", "an object", value.initial);
  if (value.options !== undefined && !isPlainObject(value.options))
    bad(reporter, value, "options", "an object", value.options);
  const guard: unknown = value.guard;
  if (guard !== undefined && typeof guard !== "string") bad(reporter, value, "guard", "a text", guard);
  else if (guard !== undefined && !(guards as readonly string[]).includes(guard)) {
    reporter.report(unknownGuard, { guard, suggestion: suggest(guard, guards) }, [value]);
  }
  checkHandlers(value.on, reporter);
  return reporter.findings.length === before;
}

/** The guard that is used: `version` where one stream is one read model, `position` where the author chose the key. */
export function guardOf(value: ProjectionValue): "version" | "position" | "streams" | "none" {
  return value.guard ?? (value.key === undefined ? "version" : "position");
}

function checkOrder(value: ProjectionValue, reporter: Reporter): ReadonlySet<string> {
  const explained = new Set<string>();
  const guard = guardOf(value);
  const into: Readonly<Record<string, unknown>> = isPlainObject(value.into) ? value.into : {};
  const options: Readonly<Record<string, unknown>> = isPlainObject(value.options) ? value.options : {};
  const parallelism = [into["parallelism"], options["parallelism"]].find(
    (number) => typeof number === "number" && number > 1,
  );
  if (guard === "position" && typeof parallelism === "number") {
    reporter.report(positionNeedsOrder, { parallelism }, [value.into]);
    explained.add("parallelism");
  }
  if (guard !== "none" && isPlainObject(value.source) && "initialSync" in value.source) {
    reporter.report(initialSyncNeedsOrder, { guard }, [value.source]);
    explained.add("initialSync");
  }
  return explained;
}

function checkInto(into: unknown, reporter: Reporter, explained: ReadonlySet<string>): void {
  if (!isPlainObject(into)) return bad(reporter, into, "into", "an object", into);
  checkNames(into, "`into`", intoNames, reporter, explained);
  for (const name of intoNames) checkText(into, "into", name, reporter);
}

function checkSource(source: unknown, reporter: Reporter, explained: ReadonlySet<string>): void {
  if (source === undefined) return;
  if (!isPlainObject(source)) return bad(reporter, source, "source", "an object", source);
  checkNames(source, "`source`", sourceNames, reporter, explained);
  for (const name of ["connectionName", "db", "coll"])
    if (source[name] !== undefined) checkText(source, "source", name, reporter);
  const envelope: unknown = source["envelope"];
  if (envelope === undefined) return;
  if (!isPlainObject(envelope)) return bad(reporter, source, "source.envelope", "an object", envelope);
  checkNames(envelope, "`envelope`", Object.keys(defaultEnvelope), reporter);
  for (const name of Object.keys(envelope)) checkText(envelope, "source.envelope", name, reporter);
}

function checkHandlers(on: unknown, reporter: Reporter): void {
  if (!isPlainObject(on)) return bad(reporter, on, "on", "an object of handlers", on);
  if (Object.keys(on).length === 0) reporter.report(noHandlers, {}, [on]);
  for (const [type, handler] of Object.entries(on)) {
    if (typeof handler !== "function") bad(reporter, on, `on.${type}`, "a function", handler);
  }
}

function checkNames(
  value: object,
  of: string,
  known: readonly string[],
  reporter: Reporter,
  explained: ReadonlySet<string> = new Set(),
): void {
  for (const option of Object.keys(value)) {
    if (known.includes(option) || explained.has(option)) continue;
    reporter.report(unknownOption, { option, of, suggestion: suggest(option, known) }, [value]);
  }
}

function checkText(value: Readonly<Record<string, unknown>>, of: string, name: string, reporter: Reporter): void {
  const text = value[name];
  if (typeof text !== "string" || text === "") bad(reporter, value, `${of}.${name}`, "a text that is not empty", text);
}

function bad(reporter: Reporter, near: unknown, option: string, expected: string, got: unknown): void {
  reporter.report(badOption, { option, expected, got: got === "" ? "empty" : describeValue(got) }, [near]);
}
