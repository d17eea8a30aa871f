import { beforeAll, describe, expect, test } from "vitest";
import { connectMongod } from "../../support/mongod.ts";
import { checkModel, checkOrder, checkTime, seed, treatments } from "./check-windows.ts";

/** For each of the six laws. */
const histories = Number(process.env["ASP_PROPERTY_RUNS"] ?? 10_000);

beforeAll(async () => {
  const { client, close } = await connectMongod();
  // What is dropped keeps its files open for as long as its past may be read, and these laws reach a limit of 20,000 in three minutes.
  await client.db("admin").command({ setParameter: 1, minSnapshotHistoryWindowInSeconds: 0 });
  await close();
});

describe(`the laws of windows, at length (ASP_SEED=${seed})`, () => {
  describe("every document is in exactly the windows that the model says, or is late", () => {
    test.each(treatments)("%s", async (_, treatment) => {
      expect(await checkModel(treatment, histories)).toBeGreaterThanOrEqual(histories);
    });
  });

  test("any order within the lateness gives the same windows, and nothing is late", async () => {
    expect(await checkOrder(histories)).toBeGreaterThanOrEqual(histories);
  });

  test("by a clock that moves, stands and is set back, windows close when the model says", async () => {
    expect(await checkTime(histories)).toBeGreaterThanOrEqual(histories);
  });
});
