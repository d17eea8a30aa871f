import { defineFinding } from "../diagnostics/define-finding.ts";
import type { At, Finding } from "../diagnostics/finding.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import type { ConfigPath } from "./config.ts";
import type { Environment } from "./environment.ts";
import { interpolate } from "./interpolate.ts";
import type { Variables } from "./interpolate.ts";

/** Documented in docs/errors/ASP4011.md. */
export const noAddress = defineFinding<{ name: string; environment: string }>("ASP4011", {
  severity: "error",
  message: ({ name, environment }) => `the connection \`${name}\` has no \`uri\` in environment \`${environment}\``,
  help: ({ name, environment }) =>
    `add \`environments.${environment}.connections.${name}.uri\`: the connection string, best as \`\${NAME}\``,
});

/** Documented in docs/errors/ASP4012.md. */
export const notAClusterUri = defineFinding<{ name: string }>("ASP4012", {
  severity: "error",
  message: ({ name }) => `the \`uri\` of the connection \`${name}\` is not a MongoDB connection string`,
  help: "write one that begins with `mongodb://` or `mongodb+srv://`",
});

/** Documented in docs/errors/ASP4013.md. */
export const notACluster = defineFinding<{ name: string; type: string }>("ASP4013", {
  severity: "error",
  message: ({ name, type }) => `the connection \`${name}\` is of type ${type}, a Cluster is needed here`,
  help: "name a connection of type Cluster",
});

/** Documented in docs/errors/ASP4014.md. */
export const noSuchConnection = defineFinding<{ name: string; environment: string; known: readonly string[] }>(
  "ASP4014",
  {
    severity: "error",
    message: ({ name, environment }) => `there is no connection \`${name}\` in environment \`${environment}\``,
    notes: ({ known }) => [known.length === 0 ? "there are no connections" : `connections: ${known.join(", ")}`],
    help: ({ name, known }) => didYouMean(name, known) ?? `add it to the connections: \`${name}: { type: Cluster }\``,
  },
);

/** What is behind a connection of type Cluster: a mongod that asp starts, or the one at `uri` (a secret: not to be shown). */
export type ClusterAddress =
  | { readonly kind: "embedded" }
  | { readonly kind: "uri"; readonly uri: string }
  | { readonly kind: "unknown"; readonly finding: Finding };

/** Where asp itself finds a cluster when it runs processors in this environment. */
export function resolveConnection(environment: Environment, name: string, variables: Variables): ClusterAddress {
  const { connections, name: environmentName, target } = environment;
  const connection = Object.hasOwn(connections, name) ? connections[name] : undefined;
  const refuse = (finding: Finding): ClusterAddress => ({ kind: "unknown", finding });
  if (connection === undefined) {
    const known = Object.keys(connections);
    return refuse(
      noSuchConnection(at(environment, ["environments", environmentName]), {
        name,
        environment: environmentName,
        known,
      }),
    );
  }
  const path = connectionPath(environment, name);
  if (connection.type !== "Cluster") return refuse(notACluster(at(environment, path), { name, type: connection.type }));
  if (connection.uri === undefined) {
    if (target === "emulator") return { kind: "embedded" };
    return refuse(noAddress(at(environment, path), { name, environment: environmentName }));
  }
  const place = uriPlace(environment, name);
  const { value, finding } = interpolate(connection.uri, variables, place.place);
  if (finding !== undefined) return refuse(finding);
  if (!/^mongodb(\+srv)?:\/\//.test(value)) return refuse(notAClusterUri(place, { name }));
  return { kind: "uri", uri: value };
}

/** Where the `uri` of a connection is written, or else the connection. */
export function uriPlace(environment: Environment, name: string): At {
  const path = connectionPath(environment, name);
  const own = at(environment, [...path, "uri"]);
  return own.place === undefined ? at(environment, path) : own;
}

/** The environment's own entry where it has one with what matters here, else the shared one. */
function connectionPath({ name: environment, settings }: Environment, name: string): ConfigPath {
  const own = settings?.connections ?? {};
  const isOwn = Object.hasOwn(own, name) && (own[name]?.uri !== undefined || own[name]?.type !== undefined);
  return isOwn ? ["environments", environment, "connections", name] : ["connections", name];
}

function at({ placeOf }: Environment, path: ConfigPath): At {
  const place = placeOf?.(path);
  return place === undefined ? {} : { place };
}
