import type { Document } from "bson";
import type { Engine } from "../../../src/engine/engine.ts";
import type { TestDatabase } from "../../support/mongod.ts";

/** What a collection of the test database holds, by `_id`. */
export const documentsIn = (mongod: TestDatabase, name: string): Promise<readonly Document[]> =>
  mongod.client
    .db(mongod.db)
    .collection(name)
    .find({}, { sort: { _id: 1 } })
    .toArray();

/** Moves a clock on that stands still, and waits for what came due. */
export async function advance(engine: Engine, clock: { ms: number }, byMs: number): Promise<void> {
  clock.ms += byMs;
  await engine.tick();
  await engine.caughtUp();
}
