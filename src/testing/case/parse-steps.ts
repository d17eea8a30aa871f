import type { Document } from "bson";
import { isMap, isSeq } from "yaml";
import type { Node, YAMLMap } from "yaml";
import { toMs } from "../../compiler/kinds.ts";
import type { At, Finding } from "../../diagnostics/finding.ts";
import { durationUnits } from "../../stages/values.ts";
import { isPlainDocument } from "../compare/compare-values.ts";
import { fromEjson } from "../compare/parse-ejson.ts";
import { unknownKey, wrongValue } from "./findings.ts";
import type { CollectionName } from "./given.ts";
import { fromNamespace, isTopic } from "./given.ts";
import { checkMessage } from "./message.ts";
import type { YamlFile } from "./yaml-file.ts";
import { parseYamlFile, readKeys, textOf } from "./yaml-file.ts";

/** A write to one collection. */
export type Write =
  | { readonly kind: "insert"; readonly collection: CollectionName; readonly documents: readonly Document[] }
  | {
      readonly kind: "update";
      readonly collection: CollectionName;
      readonly filter: Document;
      readonly update: Document | Document[];
    }
  | {
      readonly kind: "replace";
      readonly collection: CollectionName;
      readonly filter: Document;
      readonly replacement: Document;
    }
  | { readonly kind: "delete"; readonly collection: CollectionName; readonly filter: Document };

/** One item of given/_steps.yaml. */
export type Step = { readonly at: At } & (
  | { readonly kind: "given"; readonly collection: CollectionName }
  | { readonly kind: "write"; readonly write: Write }
  | { readonly kind: "transaction"; readonly writes: readonly Write[] }
  | { readonly kind: "caughtUp" | "restart" }
  | { readonly kind: "advance"; readonly ms: number }
);

/** Distributes over the union, which the built-in Omit does not. */
type Unplaced = Step extends infer One ? (One extends Step ? Omit<One, "at"> : never) : never;

const writeKinds = ["insert", "update", "replace", "delete"] as const;
/** Dates reach a good deal further, and no sum of such steps does. */
const longestAdvanceMs = 100_000 * 86_400_000;
const stepKinds = ["given", ...writeKinds, "transaction", "advance", "caughtUp", "restart"];

/** Reads given/_steps.yaml; what is wrong is a finding with its line. */
export function parseSteps(
  text: string,
  file: string,
): { readonly steps: readonly Step[]; readonly findings: readonly Finding[] } {
  const yaml = parseYamlFile(text, file);
  const findings: Finding[] = [...yaml.findings];
  if (findings.length > 0) return { steps: [], findings };
  if (!isSeq(yaml.contents)) {
    return {
      steps: [],
      findings: [wrongValue(yaml.at(yaml.contents), { what: "_steps.yaml", expected: "a list of steps" })],
    };
  }
  const reader = new StepReader(yaml, findings);
  const steps = yaml.contents.items.flatMap((item): Step[] => {
    const step = reader.readStep(item);
    return step === undefined ? [] : [{ ...step, at: yaml.at(item) }];
  });
  return { steps, findings };
}

/** Holds the file and the findings while its steps are read. */
class StepReader {
  readonly #yaml: YamlFile;
  readonly #findings: Finding[];

  constructor(yaml: YamlFile, findings: Finding[]) {
    this.#yaml = yaml;
    this.#findings = findings;
  }

  readStep(item: unknown): Unplaced | undefined {
    const entry = this.#only(item, stepKinds, "a step");
    if (entry === undefined) return undefined;
    const { key, value } = entry;
    if (key === "given") {
      const collection = this.#collection(value, "`given`");
      return collection === undefined ? undefined : { kind: "given", collection };
    }
    if (key === "transaction") return this.#transaction(value);
    if (key === "advance") return this.#advance(value);
    if (key === "caughtUp" || key === "restart") {
      return textOf(value) === "true" ? { kind: key } : this.#wrong(value, `\`${key}\``, "`true`");
    }
    const write = this.#write(key, value);
    return write === undefined ? undefined : { kind: "write", write };
  }

  #transaction(node: unknown): Unplaced | undefined {
    if (!isSeq(node)) return this.#wrong(node, "`transaction`", "a list of writes");
    const writes = node.items.map((item) => {
      const entry = this.#only(item, writeKinds, "a write");
      const write = entry === undefined ? undefined : this.#write(entry.key, entry.value);
      if (write === undefined || !isTopic(write.collection)) return write;
      return this.#wrong(item, "a write of a transaction", "to a collection: Kafka is not part of it");
    });
    const complete = writes.filter((write) => write !== undefined);
    return complete.length === writes.length ? { kind: "transaction", writes: complete } : undefined;
  }

  #advance(node: unknown): Unplaced | undefined {
    if (!isMap(node)) return this.#wrong(node, "`advance`", "a duration such as { size: 10, unit: minute }");
    const values = this.#keys(node, ["size", "unit"]);
    const size = textOf(values.get("size")) ?? "";
    if (!/^\d+$/.test(size) || Number(size) < 1)
      return this.#wrong(values.get("size") ?? node, "`size`", "a whole number from 1");
    const ms = toMs({ size: Number(size), unit: textOf(values.get("unit")) });
    if (ms === undefined)
      return this.#wrong(values.get("unit") ?? node, "`unit`", `one of ${durationUnits.join(", ")}`, durationUnits);
    if (ms > longestAdvanceMs) return this.#wrong(node, "`advance`", "no more than 100,000 days");
    return { kind: "advance", ms };
  }

  #write(kind: string, node: unknown): Write | undefined {
    if (!isMap(node)) return this.#wrong(node, `\`${kind}\``, "a mapping");
    if (kind === "insert") {
      const values = this.#keys(node, ["into", "documents"]);
      const collection = this.#collection(values.get("into") ?? node, "`into`");
      const documents = this.#value(values.get("documents"));
      if (!Array.isArray(documents) || !documents.every(isPlainDocument)) {
        return this.#wrong(values.get("documents") ?? node, "`documents`", "a list of documents");
      }
      if (collection !== undefined && isTopic(collection)) {
        const at = this.#yaml.at(values.get("documents"));
        const wrong = documents.flatMap((document) => checkMessage(document, at));
        this.#findings.push(...wrong);
        if (wrong.length > 0) return undefined;
      }
      return collection && { kind, collection, documents };
    }
    const extra = kind === "update" ? ["update"] : kind === "replace" ? ["replacement"] : [];
    const values = this.#keys(node, ["in", "filter", ...extra]);
    const collection = this.#collection(values.get("in") ?? node, "`in`");
    if (collection !== undefined && isTopic(collection))
      return this.#wrong(values.get("in") ?? node, "`in`", "a collection: a topic takes `insert` only");
    const filter = this.#value(values.get("filter"));
    if (!isPlainDocument(filter)) return this.#wrong(values.get("filter") ?? node, "`filter`", "a document");
    if (collection === undefined) return undefined;
    if (kind === "delete") return { kind, collection, filter };
    const [name = ""] = extra;
    const change = this.#value(values.get(name));
    if (kind === "update" && Array.isArray(change) && change.every(isPlainDocument)) {
      return { kind, collection, filter, update: change };
    }
    if (!isPlainDocument(change)) return this.#wrong(values.get(name) ?? node, `\`${name}\``, "a document");
    return kind === "update"
      ? { kind, collection, filter, update: change }
      : { kind: "replace", collection, filter, replacement: change };
  }

  /** The key and value of a mapping that has exactly one, out of those known. */
  #only(item: unknown, known: readonly string[], what: string): { key: string; value: unknown } | undefined {
    const pair = isMap(item) ? item.items[0] : undefined;
    if (!isMap(item) || pair === undefined || item.items.length !== 1) {
      return this.#wrong(item, what, `a mapping with one key of ${known.join(", ")}`);
    }
    const key = textOf(pair.key) ?? "";
    if (known.includes(key)) return { key, value: pair.value };
    this.#findings.push(unknownKey(this.#yaml.at(pair.key), { key, known }));
    return undefined;
  }

  #keys(map: YAMLMap, known: readonly string[]): ReadonlyMap<string, Node> {
    const { values, findings } = readKeys(this.#yaml, map, known);
    this.#findings.push(...findings);
    return values;
  }

  #collection(node: unknown, what: string): CollectionName | undefined {
    return fromNamespace(textOf(node) ?? "") ?? this.#wrong(node, what, "a collection as <db>.<coll>");
  }

  #value(node: Node | undefined): unknown {
    if (node === undefined) return undefined;
    try {
      return fromEjson(this.#yaml.toJs(node), "stored");
    } catch (error) {
      return this.#wrong(node, "this", `EJSON: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** @param words all that there are, where the value is one of a few */
  #wrong(node: unknown, what: string, expected: string, words?: readonly string[]): undefined {
    const found = textOf(node);
    this.#findings.push(wrongValue(this.#yaml.at(node), { what, expected, found, ...(words && { words }) }));
    return undefined;
  }
}
