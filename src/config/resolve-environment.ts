import { defineFinding } from "../diagnostics/define-finding.ts";
import type { At, Finding } from "../diagnostics/finding.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { pathText } from "./config.ts";
import type { Config, ConfigPath } from "./config.ts";
import { checkCollectionNames } from "./check-collection-names.ts";
import { checkConnectionEntries } from "./connections/check-connection-entries.ts";
import { checkWorkspaceName } from "./connections/names.ts";
import type { Connection, Environment } from "./environment.ts";
import { interpolateNames } from "./interpolate-names.ts";
import type { Variables } from "./interpolate.ts";
import { checkRegion } from "./region.ts";

export type { Environment } from "./environment.ts";

/** Documented in docs/errors/ASP4008.md. */
export const unknownEnvironment = defineFinding<{ name: string; known: readonly string[]; file: string }>("ASP4008", {
  severity: "error",
  message: ({ name, file }) => `there is no environment \`${name}\` in ${file}`,
  notes: ({ known }) => [`environments: ${known.join(", ")}`],
  help: ({ name, known }) => didYouMean(name, known) ?? `add \`${name}\` below \`environments\``,
});

/** Documented in docs/errors/ASP4009.md. */
export const untypedConnection = defineFinding<{ name: string; environment: string; known: readonly string[] }>(
  "ASP4009",
  {
    severity: "error",
    message: ({ name, environment }) => `the connection \`${name}\` has no type in environment \`${environment}\``,
    help: ({ name, known }) =>
      didYouMean(name, known) ?? `add it to the shared connections: \`${name}: { type: Cluster }\``,
  },
);

/** Documented in docs/errors/ASP4010.md. */
export const unknownConnection = defineFinding<{ name: string; path: ConfigPath; known: readonly string[] }>(
  "ASP4010",
  {
    severity: "error",
    message: ({ name, path }) => `\`${pathText(path)}\` names the connection \`${name}\`, which is not there`,
    notes: ({ known }) => [known.length === 0 ? "there are no connections" : `connections: ${known.join(", ")}`],
    help: ({ name, known }) => didYouMean(name, known) ?? `add it to the connections: \`${name}: { type: Cluster }\``,
  },
);

export interface ResolvedEnvironment {
  /** Absent only when there is no environment of that name. */
  readonly environment?: Environment;
  readonly findings: readonly Finding[];
}

/**
 * One environment of the config, merged with what all environments share; an environment's own fields win, field by field.
 *
 * Names of databases, collections and fields have their `${NAME}` replaced by `variables`, where those are given. Addresses and
 * credentials keep it as text: {@link interpolate} replaces it where they are used, so that what needs no secret asks for none.
 */
export function resolveEnvironment(source: Config, name: string, variables?: Variables): ResolvedEnvironment {
  const { config, findings: unset } = withNames(source, name, variables);
  const { file, placeOf } = config;
  const known = Object.keys(config.environments);
  const settings = Object.hasOwn(config.environments, name) ? config.environments[name] : undefined;
  if (settings === undefined) {
    const place = placeOf(["environments"], "key") ?? { file, line: 1, column: 1 };
    return { findings: [unknownEnvironment({ place }, { name, known, file })] };
  }
  const { connections, findings } = mergeConnections(config, name);
  const everywhere = new Set(known.flatMap((other) => Object.keys(config.environments[other]?.connections ?? {})));
  const environment: Environment = {
    name,
    target: settings.target ?? "emulator",
    ...(config.events === undefined ? {} : { events: config.events }),
    ...(settings.dlq === undefined ? {} : { dlq: settings.dlq }),
    databases: settings.databases ?? {},
    collectionNames: settings.collections ?? {},
    connections,
    // A collection on a connection that only other environments have is theirs.
    collections: config.collections.filter(
      ({ connectionName }) => Object.hasOwn(connections, connectionName) || !everywhere.has(connectionName),
    ),
    checkpoints: { db: "asp", ...settings.checkpoints },
    adjustments: config.adjustments.filter(({ scope }) => {
      return scope.kind === "line" || scope.environment === undefined || scope.environment === name;
    }),
    settings,
    placeOf,
  };
  return {
    environment,
    findings: [
      ...unset,
      ...findings,
      ...checkNames(config, environment, everywhere),
      ...checkCollectionNames(config, environment),
      ...checkWorkspaceName(environment),
      ...checkRegion(environment),
      ...checkConnectionEntries(environment),
    ],
  };
}

/** The config with the names that are used in one environment as its variables make them. */
function withNames(
  config: Config,
  name: string,
  variables: Variables | undefined,
): { readonly config: Config; readonly findings: readonly Finding[] } {
  const settings = ownEntry(config.environments, name);
  if (variables === undefined || settings === undefined) return { config, findings: [] };
  const findings: Finding[] = [];
  const read = <Value>(value: Value, path: ConfigPath): Value => {
    const interpolated = interpolateNames(value, { path, placeOf: config.placeOf, variables });
    findings.push(...interpolated.findings);
    return interpolated.value;
  };
  const base = ["environments", name];
  const { dlq, databases, collections, checkpoints } = settings;
  const own = {
    ...settings,
    ...(dlq === undefined ? {} : { dlq: read(dlq, [...base, "dlq"]) }),
    ...(databases === undefined ? {} : { databases: read(databases, [...base, "databases"]) }),
    ...(collections === undefined ? {} : { collections: read(collections, [...base, "collections"]) }),
    ...(checkpoints === undefined ? {} : { checkpoints: read(checkpoints, [...base, "checkpoints"]) }),
  };
  const named = {
    ...config,
    ...(config.events === undefined ? {} : { events: read(config.events, ["events"]) }),
    collections: read(config.collections, ["collections"]),
    environments: { ...config.environments, [name]: own },
  };
  return { config: named, findings };
}

function mergeConnections(config: Config, environment: string) {
  const own = config.environments[environment]?.connections ?? {};
  const findings: Finding[] = [];
  const connections: [string, Connection][] = [];
  for (const name of new Set([...Object.keys(config.connections), ...Object.keys(own)])) {
    const merged = { ...ownEntry(config.connections, name), ...ownEntry(own, name) };
    if (merged.type === undefined) {
      const path = Object.hasOwn(own, name)
        ? ["environments", environment, "connections", name]
        : ["connections", name];
      findings.push(
        untypedConnection(atKey(config, path), { name, environment, known: others(config.connections, name) }),
      );
    }
    // Without a type a cluster is the likeliest; the finding stands, and what follows from it would only repeat it.
    connections.push([name, { ...merged, type: merged.type ?? "Cluster" }]);
  }
  return { connections: Object.fromEntries(connections), findings };
}

function ownEntry<Value>(entries: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}

/** Every connection that the config itself names must be there. */
function checkNames(config: Config, environment: Environment, everywhere: ReadonlySet<string>): readonly Finding[] {
  const base = ["environments", environment.name];
  const named: readonly (readonly [string | undefined, ConfigPath])[] = [
    [config.events?.connectionName, ["events", "connectionName"]],
    ...config.collections.map(
      ({ connectionName }, index) => [connectionName, ["collections", index, "connectionName"]] as const,
    ),
    [environment.dlq?.connectionName, [...base, "dlq", "connectionName"]],
    [environment.checkpoints.connectionName, [...base, "checkpoints", "connectionName"]],
  ];
  const known = Object.keys(environment.connections);
  return named.flatMap(([name, path]) => {
    if (name === undefined || known.includes(name)) return [];
    if (path[0] === "collections" && everywhere.has(name)) return [];
    return [unknownConnection({ ...atValue(config, path), length: name.length }, { name, path, known })];
  });
}

function atKey({ placeOf }: Config, path: ConfigPath): At {
  const place = placeOf(path, "key");
  return place === undefined ? {} : { place };
}

function atValue({ placeOf }: Config, path: ConfigPath): At {
  const place = placeOf(path);
  return place === undefined ? {} : { place };
}

function others(connections: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  return Object.keys(connections).filter((key) => key !== name);
}
