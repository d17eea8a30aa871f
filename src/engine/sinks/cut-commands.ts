import type { Document } from "bson";
import type { Target } from "./merge-target.ts";

/** One document on its way, with its place in the batch. */
export interface Entry {
  readonly position: number;
  readonly target: Target;
}

/** One statement of an `update` command, or a delete; several entries where they were joined. */
export interface Statement {
  readonly kind: "update" | "delete" | "deleteOrInsert";
  readonly entries: readonly Entry[];
  readonly body: Document;
  readonly bytes: number;
}

/** A command may not pass 16 MB; this leaves room for what we do not count. */
export const commandBytes = 10 * 1024 * 1024;
export const commandStatements = 5000;

/** Cuts documents into parts that fit into a command each. */
export function* cutByBytes<Item extends { readonly document: Uint8Array }>(
  items: readonly Item[],
): Generator<readonly Item[]> {
  let from = 0;
  let bytes = 0;
  for (const [at, { document }] of items.entries()) {
    if (at > from && (bytes + document.length > commandBytes || at - from === commandStatements)) {
      yield items.slice(from, at);
      from = at;
      bytes = 0;
    }
    bytes += document.length;
  }
  if (items.length > from) yield items.slice(from);
}

/** Cuts statements into commands: of one kind, within what a command may hold. */
export function* cutCommands(statements: readonly Statement[]): Generator<readonly Statement[]> {
  let open: Statement[] = [];
  let bytes = 0;
  for (const statement of statements) {
    const full = bytes + statement.bytes > commandBytes || open.length === commandStatements;
    const other = open[0] !== undefined && (open[0].kind !== statement.kind || statement.kind === "deleteOrInsert");
    if (open.length > 0 && (full || other)) {
      yield open;
      open = [];
      bytes = 0;
    }
    open.push(statement);
    bytes += statement.bytes;
  }
  if (open.length > 0) yield open;
}
