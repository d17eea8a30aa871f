import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { rootCertificates } from "node:tls";
import type { Environment } from "../../config/environment.ts";
import { interpolate, type Variables } from "../../config/interpolate.ts";
import { loadCommandValues } from "../../config/load-command-values.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { At, Finding } from "../../diagnostics/finding.ts";
import { createAdminApiTarget, type AdminApiAuth } from "./admin-api/admin-api-target.ts";
import { settingMissing } from "../plan/setting-missing.ts";
import { unreadableCaFile } from "./refusals.ts";
import type { Target } from "./target.ts";
import { createWireTarget } from "./wire/wire-target.ts";

/** Documented in docs/errors/ASP6011.md. */
export const addressWrong = defineFinding<{ setting: string; wanted: string }>("ASP6011", {
  severity: "error",
  message: ({ setting, wanted }) => `the \`${setting}\` of the workspace is not ${wanted}`,
  help: ({ setting }) => `correct \`${setting}\`, or the variable that it names`,
});

export interface OpenTargetOptions {
  /** For `${NAME}` and `${exec:…}`: secrets come from nowhere else. Commands that were run stand in it, others are run. */
  readonly env: Variables;
  readonly signal: AbortSignal;
  /** What `caFile` is relative to. */
  readonly cwd: string;
}

const atlas = "https://cloud.mongodb.com";

/**
 * The workspace of an environment. Nothing is sent yet; what its settings lack is among the findings.
 *
 * @throws AspError ASP6009 for a `caFile` that cannot be read
 */
export async function openTarget(
  environment: Environment,
  options: OpenTargetOptions,
): Promise<{ readonly target?: Target; readonly findings: readonly Finding[] }> {
  const { settings = {}, target } = environment;
  const isWire = target === "wire" || (target === "emulator" && settings.uri !== undefined);
  if (isWire || target === "admin-api" || settings.baseUrl !== undefined) {
    const { place } = atOf(environment);
    const { env, findings } = await loadCommandValues(addressOf(environment), { ...options, place });
    if (findings.length > 0) return { findings };
    return isWire ? openWire(environment, { ...options, env }) : openAdminApi(environment, { ...options, env });
  }
  const why = "asp does not know at which address its emulator is";
  return { findings: [settingMissing(atOf(environment), { environment: environment.name, setting: "uri", why })] };
}

/** Where the workspace of an environment is for a driver. */
export interface WireAddress {
  /** A secret. */
  readonly uri: string;
  /** For people. */
  readonly workspace?: string;
  /** As the config has it. */
  readonly caFile?: string;
}

/** Absent where a finding says why. */
export async function loadWireAddress(
  environment: Environment,
  options: OpenTargetOptions,
): Promise<{ readonly address?: WireAddress; readonly findings: readonly Finding[] }> {
  const { place } = atOf(environment);
  const used = addressOf({ ...environment, target: "wire" });
  const { env, findings } = await loadCommandValues(used, { ...options, place });
  return findings.length > 0 ? { findings } : readWireAddress(environment, env);
}

function readWireAddress(
  environment: Environment,
  env: Variables,
): { readonly address?: WireAddress; readonly findings: readonly Finding[] } {
  const reader = createReader(environment, env);
  const uri = reader.read(environment.settings?.uri, ["uri"], "the connection string of the workspace");
  const workspace = reader.readOptional(environment.settings?.workspace, ["workspace"]);
  const caFile = reader.readOptional(environment.settings?.caFile, ["caFile"]);
  if (reader.findings.length > 0) return { findings: reader.findings };
  if (!/^mongodb(\+srv)?:\/\//u.test(uri)) return { findings: [uriWrong(environment)] };
  const address = { uri, ...(workspace !== undefined && { workspace }), ...(caFile !== undefined && { caFile }) };
  return { address, findings: [] };
}

function uriWrong(environment: Environment): Finding {
  return addressWrong(atOf(environment, "uri"), { setting: "uri", wanted: "a connection string" });
}

/** The settings by which a workspace is found, and what is shown to it: the parts of the config that opening it uses. */
export function addressOf({ target, settings = {} }: Environment): readonly unknown[] {
  const { uri, projectId, workspace, baseUrl, caFile, auth } = settings;
  return target === "wire" || (target === "emulator" && uri !== undefined)
    ? [uri, workspace, caFile]
    : [projectId, workspace, baseUrl, caFile, auth];
}

function openWire(
  environment: Environment,
  { env, signal, cwd }: OpenTargetOptions,
): { readonly target?: Target; readonly findings: readonly Finding[] } {
  const { address, findings } = readWireAddress(environment, env);
  if (address === undefined) return { findings };
  const { caFile } = address;
  try {
    const target = createWireTarget({
      ...address,
      signal,
      ...(caFile !== undefined && { caFile: resolve(cwd, caFile) }),
    });
    return { target, findings: [] };
  } catch {
    // The driver's own words may quote the password.
    return { findings: [uriWrong(environment)] };
  }
}

async function openAdminApi(
  environment: Environment,
  { env, signal, cwd }: OpenTargetOptions,
): Promise<{ readonly target?: Target; readonly findings: readonly Finding[] }> {
  const { settings = {} } = environment;
  const reader = createReader(environment, env);
  const projectId = reader.read(settings.projectId, ["projectId"], "the Atlas project of the workspace");
  const workspace = reader.read(settings.workspace, ["workspace"], "the workspace to plan for");
  const baseUrl = settings.baseUrl === undefined ? atlas : reader.read(settings.baseUrl, ["baseUrl"], "");
  const caFile = reader.readOptional(settings.caFile, ["caFile"]);
  const { auth } = settings;
  const credential = (name: "clientId" | "clientSecret" | "publicKey" | "privateKey"): string =>
    reader.read(auth?.[name], ["auth", name], "credentials for the Admin API");
  const credentials: AdminApiAuth =
    auth?.type === "api-key"
      ? { type: "api-key", publicKey: credential("publicKey"), privateKey: credential("privateKey") }
      : { type: "service-account", clientId: credential("clientId"), clientSecret: credential("clientSecret") };
  if (reader.findings.length > 0) return { findings: reader.findings };
  if (!URL.canParse(baseUrl) || !/^https?:$/u.test(new URL(baseUrl).protocol)) {
    const data = { setting: "baseUrl", wanted: "an address that begins with `https://`" };
    return { findings: [addressWrong(atOf(environment, "baseUrl"), data)] };
  }
  const ca = caFile === undefined ? undefined : await readCertificates(resolve(cwd, caFile));
  const target = createAdminApiTarget({
    projectId,
    workspace,
    baseUrl,
    auth: credentials,
    signal,
    ...(ca && { ca }),
  });
  return { target, findings: [] };
}

/** Beside those that Node has: the service's own stay trusted. */
async function readCertificates(path: string): Promise<readonly string[]> {
  try {
    return [...rootCertificates, await readFile(path, "utf8")];
  } catch (error) {
    throw unreadableCaFile(path, error);
  }
}

/** Reads settings with their variables, and gathers what is missing. */
function createReader(environment: Environment, env: Variables) {
  const findings: Finding[] = [];
  const fillIn = (text: string, path: readonly string[]): string => {
    const { value = "", finding } = interpolate(text, env, atOf(environment, ...path).place);
    if (finding !== undefined) findings.push(finding);
    return value;
  };
  return {
    findings,
    read: (text: string | undefined, path: readonly string[], why: string): string => {
      if (text !== undefined) return fillIn(text, path);
      const setting = path.join(".");
      findings.push(settingMissing(atOf(environment, ...path), { environment: environment.name, setting, why }));
      return "";
    },
    readOptional: (text: string | undefined, path: readonly string[]): string | undefined =>
      text === undefined ? undefined : fillIn(text, path),
  };
}

/** The place of a setting, or else of the environment. */
function atOf({ name, placeOf }: Environment, ...path: readonly string[]): At {
  const place = placeOf?.(["environments", name, ...path]) ?? placeOf?.(["environments", name], "key");
  return place === undefined ? {} : { place };
}
