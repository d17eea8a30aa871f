import { isMap, isScalar, isSeq } from "yaml";
import type { At, Finding } from "../../diagnostics/finding.ts";
import { unknownTrial, wrongValue } from "./findings.ts";
import type { Trial } from "./trial.ts";
import { trials } from "./trial.ts";
import { entriesOf, parseYamlFile, readKeys, textOf } from "./yaml-file.ts";

/** What fixture.yaml says; every key is optional. */
export interface FixtureSettings {
  /** With the place of each name, as only who knows the project can tell whether they are there. */
  readonly processors?: readonly { readonly name: string; readonly at: At }[];
  readonly environment?: { readonly name: string; readonly at: At };
  /** `time`: the given files are merged by the time of their events. */
  readonly order: "file" | "time";
  /** For `${NAME}` in the config. */
  readonly variables: Readonly<Record<string, string>>;
  /** Trials that are left out, and why. */
  readonly skipped: Readonly<Partial<Record<Trial, string>>>;
}

export const noSettings: FixtureSettings = { order: "file", variables: {}, skipped: {} };

const keys = ["processors", "environment", "order", "variables", "trials"];

/** Reads fixture.yaml; what is wrong is a finding with its line. */
export function parseFixtureSettings(
  text: string,
  file: string,
): { readonly settings: FixtureSettings; readonly findings: readonly Finding[] } {
  const yaml = parseYamlFile(text, file);
  if (yaml.findings.length > 0) return { settings: noSettings, findings: yaml.findings };
  if (yaml.contents === null || (isScalar(yaml.contents) && yaml.contents.value === null)) {
    return { settings: noSettings, findings: [] };
  }
  if (!isMap(yaml.contents)) {
    const finding = wrongValue(yaml.at(yaml.contents), { what: "fixture.yaml", expected: "a mapping" });
    return { settings: noSettings, findings: [finding] };
  }
  const { values, findings: unknown } = readKeys(yaml, yaml.contents, keys);
  const findings = [...unknown];
  const wrong = (node: unknown, what: string, expected: string): void => {
    findings.push(wrongValue(yaml.at(node), { what, expected }));
  };

  const names = values.get("processors");
  const processors = isSeq(names)
    ? names.items.map((node) => ({ name: textOf(node) ?? "", at: yaml.at(node) }))
    : undefined;
  if (names !== undefined && (processors === undefined || processors.some(({ name }) => name === ""))) {
    wrong(names, "`processors`", "a list of names");
  }

  const environmentNode = values.get("environment");
  const environment = textOf(environmentNode);
  if (environmentNode !== undefined && environment === undefined) wrong(environmentNode, "`environment`", "a name");

  const order = values.get("order");
  if (order !== undefined && textOf(order) !== "time") {
    const words = ["time"];
    findings.push(wrongValue(yaml.at(order), { what: "`order`", expected: "`time`", found: textOf(order), words }));
  }

  const variables: Record<string, string> = {};
  const variablesNode = values.get("variables");
  const entries = entriesOf(variablesNode);
  if (variablesNode !== undefined && entries === undefined) wrong(variablesNode, "`variables`", "a mapping");
  for (const { key, value } of entries ?? []) {
    const text = textOf(value);
    if (text === undefined) wrong(value, `\`${key}\``, "a text");
    else variables[key] = text;
  }

  const skipped: Partial<Record<Trial, string>> = {};
  const trialsNode = values.get("trials");
  const left = entriesOf(trialsNode);
  if (trialsNode !== undefined && left === undefined)
    wrong(trialsNode, "`trials`", "a mapping of a trial to why it is left out");
  for (const { key, keyNode, value } of left ?? []) {
    const why = isScalar(value) && typeof value.value === "string" ? value.value : undefined;
    const trial = trials.find((name) => name === key);
    if (trial === undefined) findings.push(unknownTrial(yaml.at(keyNode), { name: key, known: trials }));
    else if (why === undefined || why.trim() === "")
      wrong(keyNode, `\`${key}\``, "a text that says why the trial is left out");
    else skipped[trial] = why;
  }

  const settings: FixtureSettings = {
    ...(processors === undefined ? {} : { processors }),
    ...(environment === undefined ? {} : { environment: { name: environment, at: yaml.at(environmentNode) } }),
    order: order === undefined ? "file" : "time",
    variables,
    skipped,
  };
  return { settings, findings };
}
