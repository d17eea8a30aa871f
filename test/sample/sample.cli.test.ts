import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runCli } from "../cli/run-cli.ts";

const sample = fileURLToPath(new URL("../..", import.meta.url));
const nonIdempotent = fileURLToPath(new URL("non-idempotent", import.meta.url));
const env = process.env as Readonly<Record<string, string>>;

interface Report {
  readonly failed: number;
  readonly cases: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly trials: readonly {
      readonly name: string;
      readonly ok: boolean;
      readonly skipped?: string;
      readonly differences: readonly object[];
    }[];
  }[];
}

test("the sample project has no findings", async () => {
  const { code, stdout } = await runCli(["validate"], { cwd: sample, env });
  expect(stdout).toMatch(/^\d+ processors checked: no findings\n$/);
  expect(code).toBe(0);
});

test("all sample cases are green in all trials, none left out", async () => {
  const { code, stdout, stderr } = await runCli(["test", "--json"], { cwd: sample, env: { ...env, CI: "true" } });
  const { cases } = JSON.parse(stdout) as Report;
  expect(cases.map(({ name }) => name)).toEqual([
    "big-orders",
    "customers",
    "flight-delays",
    "github",
    "large-payments",
    "late-orders",
    "order-events",
    "orders",
    "sessions",
  ]);
  expect(cases.flatMap(({ trials }) => trials).filter(({ ok, skipped }) => !ok || skipped !== undefined)).toEqual([]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
});

describe("a processor that counts what it is given twice", () => {
  test("is seen with the trial, the field and both values", async () => {
    const { code, stdout, stderr } = await runCli(["test"], { cwd: nonIdempotent, env });
    expect(stderr).toContain("error[ASP4114]: trial redelivered ends in another state than it should");
    expect(stderr).toContain('`item-counts`, shop.item_counts {_id: "tea"} `sold`: expected 5, found 10');
    expect(stdout).toContain("0 passed, 1 failed");
    expect(code).toBe(1);
  });

  test("passes where each event comes once, and differs as soon as one comes again", async () => {
    const { code, stdout } = await runCli(["test", "--json"], { cwd: nonIdempotent, env });
    const trials = (JSON.parse(stdout) as Report).cases[0]?.trials ?? [];
    const outcomes = trials.map(({ name, ok }) => `${name}: ${ok}`);
    expect(outcomes.slice(0, 3)).toEqual(["straight: true", "one-per-batch: true", "redelivered: false"]);
    const difference = { kind: "different", processor: "item-counts", collection: "shop.item_counts" };
    expect(trials[2]?.differences).toEqual([
      { ...difference, _id: "tea", path: "sold", expected: 5, actual: 10 },
      { ...difference, _id: "cup", path: "sold", expected: 1, actual: 2 },
    ]);
    expect(code).toBe(1);
  });
});
