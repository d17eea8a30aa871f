import fc from "fast-check";
import { expect } from "vitest";
import type { TestDatabase } from "../../support/mongod.ts";
import { checkWorld } from "./check-world.ts";
import { worlds } from "./world.ts";
import type { GuardName } from "./world.ts";

export const guards: readonly GuardName[] = ["version", "position", "streams", "none"];

/** Printed by every run; `ASP_SEED=1234 npx vitest run …` repeats it. */
export const seed = Number(process.env["ASP_SEED"] ?? Math.floor(Math.random() * 0x7fffffff));

process.stderr.write(`laws of a projection: ASP_SEED=${seed}\n`);

/** Checks random worlds of one guard, and that they held at least so many histories. */
export async function checkLaws(
  mongod: TestDatabase,
  guard: GuardName,
  least: { readonly worlds: number; readonly histories: number },
): Promise<void> {
  const db = mongod.freshDb();
  let histories = 0;
  const property = fc.asyncProperty(worlds(guard), async (world) => {
    await checkWorld(mongod.client, db, world);
    histories += world.histories.length;
  });
  await fc.assert(property, { numRuns: least.worlds, seed });
  expect(histories).toBeGreaterThanOrEqual(least.histories);
}
