import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "./run-cli.ts";
import { config, processor } from "./sample.ts";
import { spawnCli } from "./spawn-cli.ts";

const event = (id: number): string => `${JSON.stringify({ _id: id, type: "PaymentReceived", amount: 1 })}\n`;
const caseOf = (name: string, id: number, then = id): Readonly<Record<string, string>> => ({
  [`test/fixtures/${name}/given/shop.events.ndjson`]: event(id),
  [`test/fixtures/${name}/then/shop.payments.ndjson`]: event(then),
});

interface Report {
  readonly passed: number;
  readonly failed: number;
  readonly cases: readonly { readonly name: string; readonly ok: boolean }[];
}

async function developing(argv: readonly string[] = []) {
  const files = { ...caseOf("one", 1), ...caseOf("two", 2), ...caseOf("three", 3) };
  const cwd = await makeFolder({
    "atlas.config.yaml": config,
    "pipelines/payments.ts": processor("payments"),
    ...files,
  });
  const cli = await spawnCli(["dev", "--json", ...argv], { cwd });
  let seen = 0;
  /** The next round: the names of its cases, and of those that failed. */
  const round = async (): Promise<readonly [readonly string[], readonly string[]]> => {
    const lines = await cli.stdoutLines(seen + 1);
    const { cases } = JSON.parse(lines[seen] ?? "") as Report;
    seen += 1;
    return [cases.map(({ name }) => name), cases.filter(({ ok }) => !ok).map(({ name }) => name)];
  };
  return { cli, round, save: (file: string, text: string) => writeFile(join(cwd, file), text) };
}

const all = ["one", "three", "two"];

test(
  "asp dev runs what a save may have changed, what failed until it passes, and ends with Ctrl-C",
  { timeout: 60_000 },
  async () => {
    const { cli, round, save } = await developing();
    expect(await round()).toEqual([all, []]);
    await save("test/fixtures/two/then/shop.payments.ndjson", event(9));
    expect(await round()).toEqual([["two"], ["two"]]);
    await save("test/fixtures/one/then/shop.payments.ndjson", event(1) + " ");
    expect(await round()).toEqual([["one", "two"], ["two"]]);
    await save("pipelines/payments.ts", processor("payments").replace("PaymentReceived", "Nothing"));
    expect(await round()).toEqual([all, all]);
    await save("test/fixtures/two/then/shop.payments.ndjson", event(2));
    await save("pipelines/payments.ts", processor("payments"));
    expect(await round()).toEqual([all, []]);
    cli.kill("SIGINT");
    expect((await cli.result).code).toBe(130);
    expect(await cli.leftovers()).toEqual([]);
  },
);

test("asp dev says what is wrong with a module, and goes on when it is whole again", { timeout: 60_000 }, async () => {
  const { cli, round, save } = await developing(["one"]);
  expect(await round()).toEqual([["one"], []]);
  await save("test/fixtures/two/then/shop.payments.ndjson", event(9));
  await save("pipelines/payments.ts", processor("payments").replace("$match", "$mach"));
  await round();
  await cli.stderrHas("there is no stage `$mach`");
  await save("pipelines/payments.ts", processor("payments"));
  expect(await round()).toEqual([["one"], []]);
  cli.kill("SIGTERM");
  expect((await cli.result).code).toBe(143);
});

test("asp dev does not know a case of another name", async () => {
  const { cli, round } = await developing(["noe"]);
  expect(await round()).toEqual([[], []]);
  await cli.stderrHas("did you mean `one`?");
  cli.kill("SIGINT");
  expect((await cli.result).code).toBe(130);
});
