import { randomBytes } from "node:crypto";
import type { Environment } from "../../config/resolve-environment.ts";
import { planConnections } from "../../deploy/plan/plan-connections.ts";
import { usersOfConnections } from "../../deploy/plan/plan.ts";
import type { RemoteConnection, RemoteProcessor } from "../../deploy/plan/remote.ts";
import { toDesiredConnections } from "../../deploy/read-desired.ts";
import { openTarget } from "../../deploy/targets/open-target.ts";
import type { Target } from "../../deploy/targets/target.ts";
import { isAspError } from "../../diagnostics/asp-error.ts";
import type { Definition } from "../../stages/definition.ts";
import type { CommandContext } from "../context.ts";
import { renderCount } from "../render/numbers.ts";
import type { Check } from "./check.ts";
import { isSameRegion } from "./is-same-region.ts";
import { refusedCheck, toCheck } from "./to-check.ts";

/** True where there is a workspace to ask: one of the service, or of an emulator whose address is known. */
export function hasWorkspace({ target, settings }: Environment): boolean {
  return target !== "emulator" || settings?.uri !== undefined || settings?.baseUrl !== undefined;
}

/** Whether the workspace can be reached and operated, and has what the project's processors need. */
export async function checkWorkspace(
  environment: Environment,
  definitions: readonly Definition[],
  ctx: CommandContext,
): Promise<{ readonly checks: readonly Check[]; readonly region?: string }> {
  try {
    const { target, findings } = await openTarget(environment, ctx);
    if (target === undefined) return { checks: findings.map((finding) => toCheck("workspace", finding, "project")) };
    try {
      return await askWorkspace(target, { environment, definitions }, ctx);
    } finally {
      await target.close();
    }
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (!isAspError(error)) throw error;
    return { checks: [refusedCheck("workspace", error)] };
  }
}

interface Project {
  readonly environment: Environment;
  readonly definitions: readonly Definition[];
}

async function askWorkspace(
  target: Target,
  { environment, definitions }: Project,
  ctx: CommandContext,
): Promise<{ readonly checks: readonly Check[]; readonly region?: string }> {
  // The first alone: with wrong credentials one refusal is enough.
  const processors = await target.processors();
  const [role, connections, defaults] = await Promise.all([
    checkRole(target, processors),
    target.connections(),
    target.defaults(),
  ]);
  const there = `${target.label}, ${renderCount(processors.length, "processor")}`;
  const region = defaults.region ?? environment.settings?.region;
  const wanted = toDesiredConnections(environment, ctx.env);
  const users = usersOfConnections(definitions, environment);
  const { findings } = planConnections({
    desired: wanted.connections,
    remote: connections,
    users,
    running: new Map(),
    unmanageable: target.managesConnections ? undefined : target.label,
  });
  const lacking = [
    ...wanted.findings.map((finding) => toCheck("connections", finding, "project")),
    ...findings.map((finding) => toCheck("connections", finding, "world")),
  ];
  const used = `${renderCount(users.size, "connection")} of the project's processors, none is missing`;
  const checks: readonly Check[] = [
    { name: "workspace", status: "ok", detail: there },
    role,
    ...checkRegions(environment, defaults.region, connections),
    ...(lacking.length > 0 ? lacking : [{ name: "connections", status: "ok", detail: used } as const]),
    ...checkStates(processors, definitions),
  ];
  return { checks, ...(region !== undefined && { region }) };
}

/**
 * Who may read may not always start and stop. A processor that nobody has is asked to stop: what a role does not allow is refused before it is
 * looked for, and everything else is refused since it is not there.
 */
async function checkRole(target: Target, processors: readonly RemoteProcessor[]): Promise<Check> {
  const taken = new Set(processors.map(({ name }) => name));
  const name = "role";
  let probe: string;
  do probe = `asp-doctor-${randomBytes(6).toString("hex")}`;
  while (taken.has(probe));
  try {
    await target.stop(probe);
  } catch (error) {
    if (!isAspError(error)) throw error;
    if (error.code === "ASP6001") return refusedCheck(name, error);
    if (error.retryable) return { name, status: "warning", detail: `not known: ${error.message} (${error.code})` };
  }
  return { name, status: "ok", detail: "the credentials may read, start and stop processors" };
}

function checkRegions(
  { name: environment, settings }: Environment,
  found: string | undefined,
  connections: readonly RemoteConnection[],
): readonly Check[] {
  const name = "region";
  const { region: wanted, provider } = settings ?? {};
  if (found === undefined) return [];
  const far = connections.flatMap(({ name: connection, settings: own }): readonly Check[] => {
    const region: unknown = own?.["region"];
    if (typeof region !== "string" || isSameRegion(provider, region, found) !== false) return [];
    const detail = `the connection \`${connection}\` is in ${region}, the workspace in ${found}: every document goes that way`;
    return [{ name, status: "warning", detail, help: "use a workspace in the region of what it reads and writes" }];
  });
  if (wanted !== undefined && isSameRegion(provider, wanted, found) === false) {
    const detail = `the workspace is in ${found}, the config says ${wanted}`;
    const help = `correct \`environments.${environment}.region\`: prices and checks go by it`;
    return [{ name, status: "error", fault: "project", detail, help }, ...far];
  }
  return far.length > 0 ? far : [{ name, status: "ok", detail: found }];
}

/** Why a processor of the project does not run, where the service says so. */
function checkStates(processors: readonly RemoteProcessor[], definitions: readonly Definition[]): readonly Check[] {
  const own = new Set(definitions.map(({ name }) => name));
  return processors.flatMap(({ name, state, error }): readonly Check[] => {
    if (!own.has(name) || state !== "FAILED") return [];
    const detail = `is FAILED: ${error ?? "the service does not say why"}`;
    const help = `correct what it says, then run \`asp start ${name}\``;
    return [{ name: `processor ${name}`, status: "error", fault: "world", detail, help }];
  });
}
