import { parseExactJson } from "../../compiler/exact-json.ts";
import { toEjson } from "../../compiler/emit/json.ts";
import type { PlanScope } from "./remote-text.ts";
import type { Step } from "./step.ts";

/** A plan that is kept, to be applied later to a workspace that has not moved. It holds no secret: variables stand as `${NAME}`, and a secret that does not is ASP6055. */
export interface PlanFile {
  readonly environment: string;
  /** Of a preview beside the environment. */
  readonly suffix?: string;
  /** Name of the workspace, as the config has it; null where it names none. */
  readonly workspace: string | null;
  /** Which workspace that is: two environments may be told apart by variables alone. */
  readonly target: string;
  readonly scope: PlanScope;
  /** SHA-256 of {@link remoteText} over `scope`, hexadecimal. */
  readonly digest: string;
  /** What of it is which, for telling what has moved: "the processor `orders`" → SHA-256, hexadecimal. */
  readonly parts: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** Another form of the file has another number. */
const format = 1;

/** Extended JSON that keeps every type of BSON and the order of keys. */
export function toPlanFile({ environment, suffix, workspace, target, scope, digest, parts, steps }: PlanFile): string {
  const head = { aspPlan: format, environment, ...(suffix !== undefined && { suffix }) };
  return `${toEjson({ ...head, workspace, target, scope, digest, parts, steps }, 2)}\n`;
}

/** Undefined for a text that is no plan of this version of the format. */
export function parsePlanFile(text: string): PlanFile | undefined {
  let read: unknown;
  try {
    read = parseExactJson(text);
  } catch {
    return undefined;
  }
  if (typeof read !== "object" || read === null || !("aspPlan" in read) || read.aspPlan !== format) return undefined;
  const { aspPlan: _, ...file } = read;
  return isPlanFile(file) ? file : undefined;
}

function isMapping(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function isPlanFile(value: object): value is PlanFile {
  return (
    "environment" in value &&
    typeof value.environment === "string" &&
    "target" in value &&
    typeof value.target === "string" &&
    "digest" in value &&
    typeof value.digest === "string" &&
    "scope" in value &&
    isMapping(value.scope) &&
    "parts" in value &&
    isMapping(value.parts) &&
    "steps" in value &&
    Array.isArray(value.steps)
  );
}
