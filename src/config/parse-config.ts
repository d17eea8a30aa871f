import { validateConfig } from "./config-validator.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { ignoreWord, readIgnoreComments } from "../diagnostics/ignore-comments.ts";
import { defaultEnvelope } from "../projections/envelope-path.ts";
import { configSchema } from "./config-schema.ts";
import type { ConfigText } from "./config-schema.ts";
import type { CollectionSpec, Config, PlaceOf } from "./config.ts";
import { findingSettings } from "./finding-settings.ts";
import { parseShapedYaml } from "./parse-shaped-yaml.ts";
import { yamlComments } from "./yaml-comments.ts";

export interface ParsedConfig {
  /** Absent when the file is not YAML or has the wrong shape; unknown keys alone do not prevent it. */
  readonly config?: Config;
  readonly findings: readonly Finding[];
}

/** The content of `atlas.config.yaml` as a value that knows its places. `file` is what findings call it. */
export function parseConfig(text: string, file: string): ParsedConfig {
  const { value, placeOf, findings } = parseShapedYaml(text, file, validateConfig, withoutEmptySections);
  if (placeOf === undefined) return { findings };
  const comments = text.includes(ignoreWord) ? yamlComments(text) : [];
  const ignored = readIgnoreComments(file, text, comments);
  const config = toConfig(value as ConfigText, file, placeOf);
  return {
    config: { ...config, adjustments: [...config.adjustments, ...ignored.adjustments] },
    findings: [...findings, ...ignored.findings],
  };
}

function toConfig(value: ConfigText, file: string, placeOf: PlaceOf): Config {
  const events = value.events && { ...value.events, envelope: { ...defaultEnvelope, ...value.events.envelope } };
  return {
    file,
    ...(events === undefined ? {} : { events }),
    connections: value.connections ?? {},
    collections: (value.collections ?? []).map(toCollection),
    environments: { local: {}, ...value.environments },
    adjustments: findingSettings(value, placeOf),
    placeOf,
  };
}

function toCollection({ changeStreamPreAndPostImages: images, ...collection }: CollectionText): CollectionSpec {
  if (images === undefined) return collection;
  return { ...collection, changeStreamPreAndPostImages: typeof images === "boolean" ? { enabled: images } : images };
}

type CollectionText = NonNullable<ConfigText["collections"]>[number];

/** `environments:` or `local:` with nothing below is how people leave a section empty. */
function withoutEmptySections(value: unknown): unknown {
  if (value === null || value === undefined) return {};
  if (!isMapping(value)) return value;
  const known = Object.keys(configSchema.properties);
  const sections = Object.entries(value).filter(([name, section]) => section !== null || !known.includes(name));
  return Object.fromEntries(
    sections.map(([name, section]) => {
      if (name !== "environments" || !isMapping(section)) return [name, section];
      return [name, Object.fromEntries(Object.entries(section).map(([key, environment]) => [key, environment ?? {}]))];
    }),
  );
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
