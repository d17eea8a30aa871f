import { afterAll, beforeAll, describe, test } from "vitest";
import { connectMongod } from "../../support/mongod.ts";
import type { TestDatabase } from "../../support/mongod.ts";
import { checkExpressions } from "./check-expressions.ts";
import { checkLaws, guards, seed } from "./check-laws.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

describe(`the laws of a projection (ASP_SEED=${seed})`, () => {
  test.each(guards)("with the guard %s, redelivered histories end as the plain fold of their events", (guard) =>
    checkLaws(mongod, guard, { worlds: 25, histories: 200 }),
  );

  test("any expression gives over a read model what the server gives directly", () => checkExpressions(mongod, 60));
});
