import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { Node, YAMLMap } from "yaml";
import type { At, Finding } from "../../diagnostics/finding.ts";
import { unknownKey, yamlBroken } from "./findings.ts";

/** A YAML file that is checked by hand, with the place of each node. */
export interface YamlFile {
  readonly contents: Node | null;
  readonly at: (node: unknown) => At;
  /** The node's value: integers are bigints. */
  readonly toJs: (node: Node) => unknown;
  readonly findings: readonly Finding[];
}

export function parseYamlFile(text: string, file: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { intAsBigInt: true, lineCounter: lines, prettyErrors: false });
  const place = (offset: number): At => {
    const { line, col } = lines.linePos(offset);
    return { place: { file, line: Math.max(line, 1), column: Math.max(col, 1) } };
  };
  return {
    contents: document.contents,
    at: (node) => place((node as { range?: readonly number[] | null } | null)?.range?.[0] ?? 0),
    toJs: (node) => node.toJS(document),
    findings: document.errors.map((error) => yamlBroken(place(error.pos[0]), { reason: error.message })),
  };
}

/** The values of a mapping by their keys; a key that is not known is a finding. */
export function readKeys(
  file: YamlFile,
  map: YAMLMap,
  known: readonly string[],
): { readonly values: ReadonlyMap<string, Node>; readonly findings: readonly Finding[] } {
  const values = new Map<string, Node>();
  const findings: Finding[] = [];
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? String(key.value) : String(key);
    if (known.includes(name)) values.set(name, value as Node);
    else findings.push(unknownKey(file.at(key), { key: name, known }));
  }
  return { values, findings };
}

/** The entries of a mapping with the nodes of their keys, or undefined where there is no mapping. */
export function entriesOf(
  node: unknown,
): readonly { readonly key: string; readonly keyNode: unknown; readonly value: unknown }[] | undefined {
  if (!isMap(node)) return undefined;
  return node.items.map(({ key, value }) => ({
    key: isScalar(key) ? String(key.value) : String(key),
    keyNode: key,
    value,
  }));
}

/** The value of a scalar that is a text or a number, as text. */
export function textOf(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  const { value } = node;
  return typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "bigint" ||
    typeof value === "boolean"
    ? String(value)
    : undefined;
}
