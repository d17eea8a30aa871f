import type { Environment } from "../../config/environment.ts";
import { connectionType } from "../check-connections.ts";
import { isComputed } from "../check-names.ts";
import { connectionIdentity } from "../connection-identity.ts";
import { child } from "../cursor.ts";
import type { LocatedStage } from "../read-stages.ts";

/** What a processor reads or writes: a topic, or a collection, with all of a database or a cluster as a wider one. */
export type Resource =
  | { readonly kind: "topic"; readonly connection: string; readonly topic: string }
  | {
      readonly kind: "collection";
      readonly connection: string;
      readonly db: string | undefined;
      readonly coll: string | undefined;
    };

/** What a `$source` reads; nothing where it is computed or neither. */
export function readBy(source: LocatedStage | undefined, environment: Environment): readonly Resource[] {
  if (source?.name !== "$source") return [];
  const field = (name: string): unknown => child(source.args, name).value;
  const connectionName = field("connectionName");
  if (typeof connectionName !== "string") return [];
  const connection = connectionIdentity(connectionName, environment);
  const topics = texts(field("topic"));
  if (topics.length > 0) return topics.map((topic) => ({ kind: "topic", connection, topic }));
  if (["stream", "documents", "schedule"].some((name) => field(name) !== undefined)) return [];
  if (connectionType(connectionName, environment) === "Sample") return [];
  const [db] = texts(field("db"));
  const collections = texts(field("coll"));
  if (collections.length === 0) return [{ kind: "collection", connection, db, coll: undefined }];
  return collections.map((coll) => ({ kind: "collection", connection, db, coll }));
}

/** What a sink writes; undefined where the name is computed, or the sink is none of these. */
export function writtenBy(sink: LocatedStage | undefined, environment: Environment): Resource | undefined {
  if (sink?.name !== "$merge" && sink?.name !== "$emit") return undefined;
  const into = sink.name === "$merge" ? child(sink.args, "into") : sink.args;
  const [connectionName, db, coll, topic] = ["connectionName", "db", "coll", "topic"].map(
    (name) => child(into, name).value,
  );
  if (typeof connectionName !== "string") return undefined;
  const connection = connectionIdentity(connectionName, environment);
  if (typeof topic === "string") return isComputed(topic) ? undefined : { kind: "topic", connection, topic };
  if (typeof db !== "string" || typeof coll !== "string" || isComputed(db) || isComputed(coll)) return undefined;
  return { kind: "collection", connection, db, coll };
}

/** True where what is written is among what is read. */
export function covers(read: Resource, written: Resource): boolean {
  if (read.connection !== written.connection) return false;
  if (read.kind === "topic" || written.kind === "topic") {
    return read.kind === "topic" && written.kind === "topic" && read.topic === written.topic;
  }
  return (read.db ?? written.db) === written.db && (read.coll ?? written.coll) === written.coll;
}

/** `shop.orders`, or the name of a topic. */
export function nameOf(resource: Resource): string {
  return resource.kind === "topic" ? resource.topic : `${resource.db}.${resource.coll}`;
}

function texts(value: unknown): readonly string[] {
  const list = (Array.isArray(value) ? value : [value]) as readonly unknown[];
  return list.filter((each): each is string => typeof each === "string");
}
