import { EJSON } from "bson";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makeFolder } from "../cli/run-cli.ts";
import { spawnCli } from "../cli/spawn-cli.ts";
import burst from "../replays/burst/given/shop.events.ts";
import { findLargePayments, foldCustomers, foldOrders } from "./order-fold.ts";

const sample = fileURLToPath(new URL("../..", import.meta.url));

/** The command lines of `npm run replay`, README's first command. */
async function replays(): Promise<readonly (readonly string[])[]> {
  const { scripts } = JSON.parse(await readFile(join(sample, "package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  return (scripts["replay"] ?? "").split(" && ").map((command) => {
    const [node, main, ...argv] = command.split(" ");
    expect([node, main]).toEqual(["node", "dist/cli/main.js"]);
    return argv;
  });
}

test("README's first command: GitHub's events give the documents that are expected, and the burst what a plain fold makes of it", async () => {
  const [github = [], orders = [], ...others] = await replays();
  expect(others).toEqual([]);

  const first = await (await spawnCli(github, { cwd: sample })).result;
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/^329 events in /mu);
  expect(first.stdout).toContain("What came out equals the 10 documents of then/");

  const out = join(await makeFolder(), "out");
  const second = await (await spawnCli([...orders, "--out", out], { cwd: sample })).result;
  expect(second.code).toBe(0);
  expect(second.stdout).toMatch(/^50,000 events in /mu);
  expect(await readdir(out)).toEqual(["shop.customers.ndjson", "shop.large_payments.ndjson", "shop.orders.ndjson"]);
  expect(await read(join(out, "shop.orders.ndjson"))).toEqual(foldOrders(burst()));
  expect(await read(join(out, "shop.customers.ndjson"))).toEqual(foldCustomers(burst()));
  expect(await read(join(out, "shop.large_payments.ndjson"))).toEqual(findLargePayments(burst()));
});

/** By `_id`; without tombstones, and without what guards keep. */
async function read(file: string): Promise<ReadonlyMap<unknown, object>> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  const documents = lines.map((line) => EJSON.parse(line) as { _id: unknown; _asp?: { deleted?: boolean } });
  return new Map(documents.flatMap(({ _id, _asp, ...view }) => (_asp?.deleted === true ? [] : [[_id, view] as const])));
}
