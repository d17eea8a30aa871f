import { describe, expect, test } from "vitest";
import { checkModel, checkOrder, seed, treatments } from "./check-windows.ts";

/** For each of the five laws. */
const histories = Number(process.env["ASP_PROPERTY_RUNS"] ?? 100);

describe(`the laws of windows (ASP_SEED=${seed})`, () => {
  describe("every document is in exactly the windows that the model says, or is late", () => {
    test.each(treatments)("%s", async (_, treatment) => {
      expect(await checkModel(treatment, histories)).toBeGreaterThanOrEqual(histories);
    });
  });

  test("any order within the lateness gives the same windows, and nothing is late", async () => {
    expect(await checkOrder(histories)).toBeGreaterThanOrEqual(histories);
  });
});
