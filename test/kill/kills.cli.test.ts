import { expect, test } from "vitest";
import { checkKills } from "./check-kills.ts";

test("a run that is killed with SIGKILL and started again loses nothing and doubles nothing", async () => {
  const seed = Number(process.env["ASP_SEED"] ?? 20_261_121);
  const { kills, events } = await checkKills({ kills: 6, longestMs: 500, seed });
  expect(kills).toBe(6);
  expect(events).toBeGreaterThan(100);
});
