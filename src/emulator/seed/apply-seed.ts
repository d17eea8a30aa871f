import type { Connection } from "../../config/environment.ts";
import type { Project, Tenant } from "../project-types.ts";
import { definitionOf } from "./parse-seed.ts";
import type { Seed } from "./seed-schema.ts";

type SeedWorkspace = NonNullable<Seed["workspaces"]>[number];

/** By workspace: what processors that are there already find when they go on. */
export function connectionsOfSeed({ workspaces = [] }: Seed): Record<string, Record<string, Connection>> {
  return Object.fromEntries(
    workspaces.map(({ name: workspace, connections = [] }) => [
      workspace,
      Object.fromEntries(connections.map(({ name, ...settings }) => [name, settings])),
    ]),
  );
}

/**
 * Makes what the seed has and the project lacks; its connections are the project's to set ({@link connectionsOfSeed}). Of what is there
 * already, only a workspace's tiers and region are set to what the seed says now.
 *
 * @throws AspError for what the service would refuse
 */
export async function applySeed(project: Project, { workspaces = [] }: Seed): Promise<void> {
  for (const workspace of workspaces) await applyWorkspace(await toTenant(project, workspace), workspace);
}

async function toTenant(project: Project, { name, provider, region, tier, maxTier }: SeedWorkspace): Promise<Tenant> {
  const tiers = { ...(tier && { tier }), ...(maxTier && { maxTier }) };
  const found = project.find(name);
  const place = { cloudProvider: provider ?? "AWS", region: region ?? "VIRGINIA_USA" };
  if (found === undefined) return project.create({ name, dataProcessRegion: place, ...tiers });
  const isPlaced = provider !== undefined || region !== undefined;
  return project.change(name, { ...tiers, ...(isPlaced && { dataProcessRegion: place }) });
}

async function applyWorkspace({ workspace }: Tenant, { processors = [] }: SeedWorkspace): Promise<void> {
  const known = new Map(workspace.list().map((info) => [info.name, info]));
  for (const processor of processors) {
    const { hasStarted } = known.get(processor.name) ?? (await workspace.create(definitionOf(processor)));
    // A crash may have come between its creation and its start.
    if (processor.state === "STARTED" && !hasStarted) await workspace.start(processor.name);
  }
}
