import type { Environment } from "../config/environment.ts";
import type { Finding, Place, Severity } from "../diagnostics/finding.ts";
import { compileProjection } from "../projections/compile-projection.ts";
import { processorBrand } from "../projections/processor-value.ts";
import type { AuthoredValue, ProjectionValue } from "../projections/processor-value.ts";
import type { Definition } from "../stages/definition.ts";
import { checkDefinition } from "./check-definition.ts";
import { rootCursor } from "./cursor.ts";
import { placeInEnvironment } from "./place-in-environment.ts";
import { takeSnapshot } from "./snapshot.ts";

/** What a processor is compiled for. */
export interface CompileContext {
  readonly environment: Environment;
  /** True where asp's own engine is to run the result: a stage that it cannot run is then an error. Default false. */
  readonly mustRun?: boolean;
  /** Where an object, or one of its keys, was written, if that is known. */
  readonly at: (value: object, key?: string) => Place | undefined;
  /** What the project makes of a finding; by default what the rule says. */
  readonly severityOf?: (finding: Finding) => Severity | "off";
}

/** What compiling gives: a definition where no finding is an error to the project, and all findings at once as rules give them. */
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
  { environment, at, mustRun = false, severityOf = ({ severity }) => severity }: CompileContext,
): Compiled {
  if (authored.definition === undefined) return { findings: authored.findings };
  const snapshot = takeSnapshot(authored.definition, { processor, place, at });
  if (snapshot.isTooLarge) return { findings: [...authored.findings, ...snapshot.findings] };
  const root = rootCursor(snapshot.value, { processor, place, placeOf: snapshot.placeOf });
  const checked = checkDefinition(root, { environment, mustRun, spoilt: snapshot.spoilt }, { generated });
  const all = [...authored.findings, ...snapshot.findings, ...checked];
  const findings = generated ? withoutRepeats(all) : all;
  if (findings.some((finding) => severityOf(finding) === "error")) return { findings };
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
