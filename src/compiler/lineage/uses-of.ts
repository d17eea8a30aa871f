import type { Environment } from "../../config/environment.ts";
import type { Definition } from "../../stages/definition.ts";
import { isComputed } from "../check-names.ts";
import { connectionType } from "../check-connections.ts";
import { child, rootCursor, type Cursor } from "../cursor.ts";
import { toEjson } from "../emit/json.ts";
import { readWhole } from "../own-stages.ts";
import { readStages, type LocatedStage } from "../read-stages.ts";
import { readOnCluster } from "./read-on-cluster.ts";
import type { FlowKind, ResourceKind } from "./lineage.ts";

/** One thing that a processor does with one resource. */
export interface Use {
  readonly flow: Exclude<FlowKind, "within">;
  readonly kind: ResourceKind;
  readonly connection?: string;
  /** With `collection`; `coll` is absent for all of a database, and both for all of a cluster. */
  readonly db?: string;
  readonly coll?: string;
  readonly name: string;
  readonly isComputed: boolean;
}

/** What a compiled definition reads, asks and writes, in the order of its stages; dead letters last. */
export function usesOf(definition: Definition, environment: Environment): readonly Use[] {
  const root = rootCursor(definition, { processor: definition.name, place: undefined, placeOf: () => undefined });
  const main = readStages(child(root, "pipeline"), "main").stages;
  const { stages } = readWhole(root, environment, main);
  const { dlq } = definition.options ?? {};
  return [
    ...stages.flatMap((stage) => usesOfStage(stage, environment)),
    ...(dlq === undefined ? [] : [inCollection("dead letters", child(child(root, "options"), "dlq"))]),
  ];
}

function usesOfStage(stage: LocatedStage, environment: Environment): readonly Use[] {
  const { name, args } = stage;
  switch (name) {
    case "$source":
      return readSource(args, environment);
    case "$merge":
      return [inCollection("writes", child(args, "into"))];
    case "$emit":
    case "$iceberg":
      return [readTarget(args)];
    case "$lookup":
    case "$cachedLookup":
    case "$vectorSearch":
      return readLookup(args);
    case "$https":
      return [{ ...named(args, "http", ["path"]), flow: endsProcessor(stage) ? "writes" : "calls" }];
    case "$externalFunction":
      return [{ ...named(args, "function", ["functionName"]), flow: endsProcessor(stage) ? "writes" : "calls" }];
    default:
      return [];
  }
}

function endsProcessor({ isLast, context }: LocatedStage): boolean {
  return isLast && context === "main";
}

function readSource(args: Cursor, environment: Environment): readonly Use[] {
  const own = (kind: ResourceKind, name: string): Use => ({ flow: "reads", kind, name, isComputed: false });
  if (has(args, "schedule")) return [own("schedule", textOf(child(args, "schedule").value))];
  if (has(args, "documents")) return [own("documents", "inline documents")];
  if (has(args, "topic")) {
    return listOf(child(args, "topic").value).map((topic) => ({
      ...reach(args, "topic", topic),
      flow: "reads" as const,
    }));
  }
  if (has(args, "stream")) return [{ ...named(args, "stream", ["stream"]), flow: "reads" }];
  const connectionName = child(args, "connectionName").value;
  if (typeof connectionName === "string" && connectionType(connectionName, environment) === "Sample") {
    return [{ ...reach(args, "sample", connectionName), flow: "reads" }];
  }
  const collections = listOf(child(args, "coll").value);
  if (collections.length === 0) return [inCollection("reads", args)];
  return collections.map((coll) => inCollection("reads", args, coll));
}

/** Of `$emit` and `$iceberg`: what it writes is told by its fields. */
function readTarget(args: Cursor): Use {
  const to = (kind: ResourceKind, ...fields: readonly string[]): Use => ({
    ...named(args, kind, fields),
    flow: "writes",
  });
  if (has(args, "tableName")) return to("table", "bucket", "databaseName", "tableName");
  if (has(args, "topic")) return to("topic", "projectId", "topic");
  if (has(args, "stream")) return to("stream", "stream");
  if (has(args, "bucket")) return to("bucket", "bucket", "path");
  if (has(args, "container")) return to("bucket", "container", "path");
  return has(args, "coll") ? inCollection("writes", args) : to("connection");
}

function readLookup(args: Cursor): readonly Use[] {
  const from = child(args, "from");
  // Only a pipeline that begins with `$documents` needs none.
  if (from.value === undefined) return [];
  const use = inCollection("looks up", from);
  const more = readOnCluster(child(args, "pipeline"), use.db ?? "");
  return [use, ...more.map(({ db, coll }): Use => ({ ...use, db, coll, name: `${db}.${coll}`, isComputed: false }))];
}

/** `namespace` holds `connectionName`, `db` and `coll`, of which the last two may be computed, or absent. */
function inCollection(flow: Use["flow"], namespace: Cursor, coll: unknown = child(namespace, "coll").value): Use {
  const db = child(namespace, "db").value;
  const shownDb = db === undefined ? "" : `${textOf(db)}.`;
  const computed = [db, coll].some((each) => each !== undefined && isComputed(each));
  return {
    ...reach(namespace, "collection", `${shownDb}${coll === undefined ? "*" : textOf(coll)}`),
    flow,
    ...(computed ? {} : { ...(typeof db === "string" && { db }), ...(typeof coll === "string" && { coll }) }),
    isComputed: computed,
  };
}

function named(args: Cursor, kind: ResourceKind, fields: readonly string[]): Omit<Use, "flow"> {
  const values = fields.map((field) => child(args, field).value).filter((value) => value !== undefined);
  const name = values.map(textOf).join("/");
  return { ...reach(args, kind, name), isComputed: values.some(isComputed) };
}

function reach(args: Cursor, kind: ResourceKind, name: unknown): Omit<Use, "flow"> {
  const connection = child(args, "connectionName").value;
  const shown = textOf(name);
  return {
    kind,
    name: shown === "" && typeof connection === "string" ? connection : shown,
    ...(typeof connection === "string" && { connection }),
    isComputed: false,
  };
}

function has(args: Cursor, field: string): boolean {
  return child(args, field).value !== undefined;
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : toEjson(value);
}
