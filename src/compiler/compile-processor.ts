import type { Environment } from "../config/environment.ts";
import type { Finding, Place } from "../diagnostics/finding.ts";
import { compileProjection } from "../projections/compile-projection.ts";
import { processorBrand } from "../projections/processor-value.ts";
import type { AuthoredValue, ProjectionValue } from "../projections/processor-value.ts";
import type { Definition } from "../stages/definition.ts";
import { checkDefinition } from "./check-definition.ts";
import { rootCursor } from "./cursor.ts";
import { placeInEnvironment } from "./place-in-environment.ts";
import { pipelineTooLarge } from "./rules/pipeline-too-large.ts";
import { takeSnapshot } from "./snapshot.ts";

/** What a processor is compiled for. */
export interface CompileContext {
  readonly environment: Environment;
  /** Where an object was written, if that is known. */
  readonly at: (value: object) => Place | undefined;
}

/** What compiling gives: a definition where no finding is an error, and all findings at once. */
export interface Compiled {
  readonly definition?: Definition;
  readonly findings: readonly Finding[];
}

/**
 * Compiles what `defineProcessor` or `defineProjection` returned into the definition that runs in an environment.
 *
 * Never throws for a mistake in the value, whatever it is, and gives the same definition for the same value and environment.
 */
export function compileProcessor(value: AuthoredValue, context: CompileContext): Compiled {
  const origin = { place: placeOf(value, context), processor: nameOf(value) };
  return isProjection(value)
    ? compileFrom(compileProjection(value, projectionContext(context)), { ...origin, generated: true }, context)
    : compileFrom({ definition: value, findings: [] }, { ...origin, generated: false }, context);
}

/** Whose definition it is, and whether its stages were written by hand or made from handlers. */
interface Origin {
  readonly place: Place | undefined;
  readonly processor: string | undefined;
  readonly generated: boolean;
}

function compileFrom(
  authored: Compiled,
  { place, processor, generated }: Origin,
  { environment, at }: CompileContext,
): Compiled {
  if (authored.definition === undefined) return { findings: authored.findings };
  const snapshot = takeSnapshot(authored.definition, { processor, place, at });
  const root = rootCursor(snapshot.value, { processor, place, places: snapshot.places });
  // Its parts may be shared, and walking them all would not end.
  const tooLarge = snapshot.findings.some(({ code }) => code === pipelineTooLarge.code);
  const checked = tooLarge ? [] : checkDefinition(root, environment, snapshot.spoilt);
  const all = [...authored.findings, ...snapshot.findings, ...checked];
  const findings = generated ? withoutRepeats(all) : all;
  if (findings.some(({ severity }) => severity === "error")) return { findings };
  return { definition: placeInEnvironment(toDefinition(snapshot.value as Definition), environment), findings };
}

/** A handler's expression stands in several stages of what it compiles to, and is one mistake at one place. */
function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, message, file, line, column }) => {
    const key = JSON.stringify([code, message, file, line, column]);
    return !seen.has(key) && seen.add(key);
  });
}

/** Name, pipeline, options in this order, whatever the order they were written in. */
function toDefinition({ name, pipeline, options }: Definition): Definition {
  return { name, pipeline, ...(options === undefined ? {} : { options }) };
}

function projectionContext({ environment, at }: CompileContext): Parameters<typeof compileProjection>[1] {
  const { events, collections } = environment;
  return { at, collections, ...(events === undefined ? {} : { events }) };
}

/** A value that cannot even be asked is left to the copying, which says so. */
function isProjection(value: AuthoredValue): value is ProjectionValue {
  try {
    return typeof value === "object" && value !== null && value[processorBrand] === "projection";
  } catch {
    return false;
  }
}

function placeOf(value: unknown, { at }: CompileContext): Place | undefined {
  return typeof value === "object" && value !== null ? at(value) : undefined;
}

function nameOf(value: unknown): string | undefined {
  try {
    const name: unknown = (value as { readonly name?: unknown }).name;
    return typeof name === "string" && name !== "" ? name : undefined;
  } catch {
    return undefined;
  }
}
