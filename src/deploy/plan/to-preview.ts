import type { Document } from "bson";
import { isComputed } from "../../compiler/check-names.ts";
import { placeInEnvironment } from "../../compiler/place-in-environment.ts";
import type { Environment } from "../../config/environment.ts";
import { authoredNamespace, placeNamespace } from "../../config/place-namespace.ts";
import { checkRegistryName, strangeName } from "../../config/registry-name.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { Definition } from "../../stages/definition.ts";
import { suffixed, withPreviewOwner, type NamedProcessors } from "./preview-names.ts";

/** Documented in docs/errors/ASP6068.md. */
export const notOnlyItsOwn = defineFinding<{ name: string; what: string }>("ASP6068", {
  severity: "error",
  message: ({ name, what }) => `a preview of \`${name}\` would not keep to itself: ${what}`,
  notes: () => ["a preview has collections of its own, and shares everything else with the environment"],
  help: "leave it out with `--only`, or give previews an environment of their own, with other connections",
});

/** All names are the project's, or all are the preview's. */
export interface Previewed extends NamedProcessors {
  readonly definitions: readonly Definition[];
}

/**
 * The same processors beside those of the environment: their names end with the suffix, and so do the names of the collections that they
 * write and of their dead letter queues, wherever these processors read them. Connections and all other collections are shared, and
 * neither made nor changed.
 */
export function toPreview(
  { definitions, names, environment }: Previewed,
  suffix: string,
): Previewed & { readonly findings: readonly Finding[] } {
  const withSuffix = suffixed(suffix);
  const written = definitions.flatMap(writtenBy);
  const own = Object.fromEntries(written.map(({ db, coll }) => [`${db}.${coll}`, withSuffix(coll)]));
  const placedBy = {
    name: environment.name,
    target: environment.target,
    databases: {},
    connections: {},
    collectionNames: own,
  };
  const renamed = definitions.map((definition): Definition => {
    const placed = placeInEnvironment(definition, {
      ...placedBy,
      collections: [],
      checkpoints: environment.checkpoints,
    });
    return { ...placed, name: withSuffix(definition.name), pipeline: placed.pipeline.map(withOwnGroup(withSuffix)) };
  });
  return {
    definitions: renamed,
    names: names.map(withSuffix),
    environment: toPreviewEnvironment(environment, own, suffix),
    findings: [...definitions.flatMap(checkOutside), ...renamed.flatMap(checkName)],
  };
}

interface Namespace {
  readonly db: string;
  readonly coll: string;
}

/** What a processor writes, as far as it is written down and not computed. */
function writtenBy({ pipeline, options }: Definition): readonly Namespace[] {
  const sink = pipeline.at(-1) ?? {};
  return [sink["$merge"]?.into, sink["$emit"], options?.dlq].flatMap((target: unknown) => toNamespace(target) ?? []);
}

function toNamespace(target: unknown): Namespace | undefined {
  if (typeof target !== "object" || target === null) return undefined;
  const { db, coll } = target as Readonly<Record<string, unknown>>;
  if (typeof db !== "string" || typeof coll !== "string" || isComputed(db) || isComputed(coll)) return undefined;
  return { db, coll };
}

/** The config's own names lead to the preview's, and nothing that is shared is made or changed. */
function toPreviewEnvironment(
  environment: Environment,
  own: Readonly<Record<string, string>>,
  suffix: string,
): Environment {
  const { collectionNames, collections } = environment;
  const renamed = Object.entries(own).map(([namespace, name]) => {
    const dot = namespace.indexOf(".");
    const { db, coll } = authoredNamespace(namespace.slice(0, dot), namespace.slice(dot + 1), environment);
    return [`${db}.${coll}`, name] as const;
  });
  const isOwn = ({ db, coll }: Namespace): boolean => {
    const placed = placeNamespace(db, coll, environment);
    return Object.hasOwn(own, `${placed.db}.${placed.coll}`);
  };
  return {
    ...withPreviewOwner(environment, suffix),
    collectionNames: { ...collectionNames, ...Object.fromEntries(renamed) },
    collections: collections.filter(isOwn),
  };
}

/** Two processors in one consumer group would take messages from each other. */
function withOwnGroup(withSuffix: (name: string) => string): (stage: Document) => Document {
  return (stage) => {
    const source = stage["$source"] as Document | undefined;
    const config = source?.["config"] as Document | undefined;
    const group: unknown = config?.["group_id"];
    if (typeof group !== "string") return stage;
    return { ...stage, $source: { ...source, config: { ...config, group_id: withSuffix(group) } } };
  };
}

/** What a processor does that its preview would do to the same things. */
function checkOutside(definition: Definition): readonly Finding[] {
  const { name, pipeline } = definition;
  const effects = pipeline.flatMap((stage) =>
    Object.entries(stage).flatMap(([operator, args]) => effectsOf(operator, args)),
  );
  return effects.map((what) => notOnlyItsOwn({ processor: name }, { name, what }));
}

function effectsOf(operator: string, args: unknown): readonly string[] {
  const fields = typeof args === "object" && args !== null ? (args as Document) : {};
  switch (operator) {
    case "$merge":
      return toNamespace(fields["into"]) === undefined ? ["the collection that it writes has a computed name"] : [];
    case "$emit": {
      if (toNamespace(fields) !== undefined) return [];
      const { topic } = fields;
      return [
        typeof topic === "string" ? `it writes to the topic \`${topic}\`` : "its `$emit` writes what others read",
      ];
    }
    case "$iceberg":
      return ["its `$iceberg` writes what others read"];
    case "$https":
      return (fields["method"] ?? "GET") === "GET" ? [] : [`its \`$https\` sends ${String(fields["method"])}`];
    case "$externalFunction":
      return ["it calls a function, which may change something"];
    case "$source":
      return (fields["config"] as Document | undefined)?.["consumerARN"] === undefined
        ? []
        : ["a consumer of Kinesis, `consumerARN`, serves one reader"];
    default: {
      const inner: unknown = fields["pipeline"];
      if (!Array.isArray(inner) || !operator.endsWith("Window")) return [];
      return (inner as readonly Document[]).flatMap((stage) =>
        Object.entries(stage).flatMap(([name, each]) => effectsOf(name, each)),
      );
    }
  }
}

function checkName({ name }: Definition): readonly Finding[] {
  const strange = checkRegistryName("processor", name);
  return strange === undefined ? [] : [strangeName({ processor: name }, strange)];
}
