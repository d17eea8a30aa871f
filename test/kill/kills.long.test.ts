import { expect, test } from "vitest";
import { checkKills } from "./check-kills.ts";

test("two hundred kills, at least fifty of them between the sink's write and the checkpoint", async () => {
  const seed = Number(process.env["ASP_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  const { betweenWriteAndCheckpoint } = await checkKills({ kills: 200, longestMs: 1500, seed });
  expect(betweenWriteAndCheckpoint).toBeGreaterThanOrEqual(50);
});
