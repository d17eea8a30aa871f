/** A document of a fixture, and where it stands in its file. */
export interface GivenDocument {
  readonly document: Record<string, unknown>;
  /** From 1; absent where a module makes the documents. */
  readonly line?: number;
}

/** A collection, by the names that authors write (an environment may rename the database). */
export interface CollectionName {
  readonly db: string;
  readonly coll: string;
}

/** What a Kafka topic has in place of a database's name: `topic.orders` is the topic `orders`. */
export const topicDb = "topic";

/** Whether a name is that of a topic, whose documents are messages. */
export function isTopic({ db }: { readonly db?: string }): boolean {
  return db === topicDb;
}

/** The documents of one file, read anew for each trial and never held as a whole. */
export interface GivenSource extends CollectionName {
  /** Relative to the project. */
  readonly file: string;
  /** @throws FixtureError for a document that cannot be read. */
  readonly open: () => AsyncIterable<GivenDocument>;
}

/** `shop.orders` of a collection. */
export function toNamespace({ db, coll }: CollectionName): string {
  return `${db}.${coll}`;
}

/** The collection behind `shop.orders.archive`: the first dot splits. Undefined without a dot. */
export function fromNamespace(namespace: string): CollectionName | undefined {
  const dot = namespace.indexOf(".");
  if (dot < 1 || dot === namespace.length - 1) return undefined;
  return { db: namespace.slice(0, dot), coll: namespace.slice(dot + 1) };
}
