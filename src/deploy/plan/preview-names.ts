import type { Environment } from "../../config/environment.ts";

/** Processors of an environment, with the names that they have there. */
export interface NamedProcessors {
  readonly names: readonly string[];
  readonly environment: Environment;
}

/** Adds the suffix of a preview to a name; without one a name stays as it is. */
export function suffixed(suffix: string | undefined): (name: string) => string {
  return (name) => (suffix === undefined ? name : `${name}-${suffix}`);
}

/** The other way round: the name as the project has it; undefined for one that no processor of the preview can have. */
export function withoutSuffix(name: string, suffix: string | undefined): string | undefined {
  if (suffix === undefined) return name;
  const end = `-${suffix}`;
  return name.length > end.length && name.endsWith(end) ? name.slice(0, -end.length) : undefined;
}

/** A preview for whoever needs no definitions: names of processors, and the environment with the preview's owner. */
export function toPreviewNames({ names, environment }: NamedProcessors, suffix: string | undefined): NamedProcessors {
  if (suffix === undefined) return { names, environment };
  return { names: names.map(suffixed(suffix)), environment: withPreviewOwner(environment, suffix) };
}

/** What is shared is not managed, and the record has another owner. */
export function withPreviewOwner(environment: Environment, suffix: string): Environment {
  const { connections, settings } = environment;
  const { record } = settings ?? {};
  return {
    ...environment,
    connections: Object.fromEntries(
      Object.entries(connections).map(([name, each]) => [name, { ...each, manage: false }]),
    ),
    settings: {
      ...settings,
      manage: false,
      ...(record && { record: { ...record, owner: suffixed(suffix)(record.owner ?? "asp") } }),
    },
  };
}
