import { randomBytes } from "node:crypto";
import { MongoClient } from "mongodb";
import { inject, onTestFinished } from "vitest";

export interface TestDatabase {
  readonly client: MongoClient;
  readonly uri: string;
  /** A database name that nothing else uses. */
  readonly db: string;
  /** More of them, for tests with several databases. */
  readonly freshDb: () => string;
  /** Drops the databases handed out and closes the client. */
  readonly close: () => Promise<void>;
}

/**
 * A client of the shared mongod and a fresh database name; call `close` in `afterAll`.
 *
 * @example
 * let mongod: TestDatabase;
 * beforeAll(async () => { mongod = await connectMongod(); });
 * afterAll(() => mongod.close());
 */
export async function connectMongod(): Promise<TestDatabase> {
  const uri = inject("mongodUri");
  const client = await new MongoClient(uri).connect();
  const names: string[] = [];
  const freshDb = (): string => {
    const name = `t_${randomBytes(6).toString("hex")}`;
    names.push(name);
    return name;
  };
  return {
    client,
    uri,
    db: freshDb(),
    freshDb,
    close: async () => {
      await Promise.all(names.map((name) => client.db(name).dropDatabase()));
      await client.close();
    },
  };
}

/** The same for one test: closed when the test ends. */
export async function withMongod(): Promise<TestDatabase> {
  const database = await connectMongod();
  onTestFinished(() => database.close());
  return database;
}
