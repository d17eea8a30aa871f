import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Document, LineCounter, Node, Pair } from "yaml";
import type { Place } from "../diagnostics/finding.ts";
import type { ConfigPath, PlaceOf } from "./config.ts";

/** Looks up where a path of the parsed value stands in the text. */
export function yamlPlaces(document: Document, lines: LineCounter, file: string): PlaceOf {
  const toPlace = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  return (path, which = "value") => {
    const offset = findOffset(document, path, which);
    return offset === undefined ? undefined : toPlace(offset);
  };
}

function findOffset(document: Document, path: ConfigPath, which: "key" | "value"): number | undefined {
  let node: unknown = document.contents;
  let found = start(node);
  for (const [index, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node) ? node.items.find((item) => keyText(item) === String(part)) : undefined;
    const next: unknown = isSeq(node) ? node.items[Number(part)] : pair?.value;
    if (next === undefined && pair === undefined) return found;
    const isLast = index === path.length - 1;
    const key = start(pair?.key);
    // A value of several lines begins below its key, and an empty one nowhere: the key is the better place.
    const wantsKey = pair !== undefined && (which === "key" || !isLast || !isScalar(next) || next.value === null);
    found = (wantsKey ? key : undefined) ?? start(next) ?? key ?? found;
    node = next;
  }
  return found;
}

function keyText(pair: Pair): string {
  return String(isScalar(pair.key) ? pair.key.value : pair.key);
}

function start(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
