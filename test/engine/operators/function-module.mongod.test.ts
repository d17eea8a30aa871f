import { join } from "node:path";
import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readExamples } from "../../diagnostics/error-page.ts";
import { project } from "../../loader/project.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { connectionsOf } from "./http-server.ts";
import { pass, type Passed } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** Takes documents through a function that is this module, or the `fn.ts` of these files. */
async function call(
  files: string | Readonly<Record<string, string>>,
  documents: readonly Document[],
  args: Document = {},
  timeoutSec?: number,
): Promise<Passed> {
  const folder = await project(typeof files === "string" ? { "fn.ts": files } : files);
  const module = join(folder, "fn.ts");
  const functions = { enrich: { module, ...(timeoutSec === undefined ? {} : { timeoutSec }) } };
  const stage = { $externalFunction: { connectionName: "lambda", functionName: "enrich", as: "got", ...args } };
  return pass(mongod, documents, [stage], { connections: connectionsOf({ lambda: { type: "AWSLambda", functions } }) });
}

const ids = [{ _id: 1 }, { _id: 2 }];
/** A function that does this for the document 1, and answers the others. */
const forOne = (does: string): string =>
  `export default async ({ _id }) => { if (_id === 1) { ${does} } return "ok"; };`;

describe("a module in place of a function", () => {
  test("gets the document as JSON, and what it returns is the field", async () => {
    const module = `
      import type { ExternalFunction } from "asp-toolkit";
      const twice: ExternalFunction<{ n: number; at: { $date: string } }> = ({ n, at }) => ({ n: n * 2, at, half: 0.5 });
      export default twice;`;
    const { documents, letters } = await call(module, [{ _id: 1, n: 4, at: new Date(0) }]);
    expect(letters).toEqual([]);
    expect(documents).toEqual([{ _id: 1, n: 4, at: new Date(0), got: { n: 8, at: new Date(0), half: 0.5 } }]);
  });

  test("is told what Lambda tells: its name, the request, the time that is left", async () => {
    const module = `export default async (_, context) => ({
      name: context.functionName, id: context.awsRequestId, left: context.getRemainingTimeInMillis() });`;
    const { documents } = await call(module, ids, {}, 900);
    const [first, second] = documents.map(({ got }) => got as { name: string; id: string; left: number });
    expect(first?.name).toBe("enrich");
    expect(first?.left).toBeGreaterThan(600_000);
    expect(first?.left).toBeLessThanOrEqual(900_000);
    expect(first?.id).not.toBe(second?.id);
  });

  test("may import modules and packages, and keeps what it holds from call to call", async () => {
    const { documents } = await call(
      {
        "fn.ts": `import { add } from "./lib/add.ts"; import seven from "seven"; import { sep } from "node:path";
          let calls = 0; export default () => ({ calls: (calls += 1), sum: add(seven, 1), sep, here: import.meta.url });`,
        "lib/add.ts": "export const add = (a: number, b: number): number => a + b;",
        "node_modules/seven/package.json": '{ "name": "seven", "main": "seven.js" }',
        "node_modules/seven/seven.js": 'require("node:os"); module.exports = 7;',
      },
      ids,
    );
    expect(documents).toMatchObject([
      { got: { calls: 1, sum: 8, sep: "/", here: expect.stringMatching(/^file:.*fn\.ts$/) } },
      { got: { calls: 2 } },
    ]);
  });

  test("that returns nothing gives null, as on Lambda", async () => {
    const { documents, letters } = await call("export default async () => undefined;", [{ _id: 1 }]);
    expect({ documents, letters }).toEqual({ documents: [{ _id: 1, got: null }], letters: [] });
  });

  test("asked for with `async` has run, and what it says is nobody's", async () => {
    const { documents, letters } = await call(forOne('throw new Error("no")'), ids, {
      execution: "async",
      as: undefined,
    });
    expect({ documents, letters }).toEqual({ documents: ids, letters: [] });
  });

  test("prints to stderr: stdout is the command's", async () => {
    const module = "export default () => [process.stdout, console._stdout].map((to) => to === process.stderr);";
    expect((await call(module, [{ _id: 1 }])).documents).toEqual([{ _id: 1, got: [true, true] }]);
  });

  test("runs as often at a time as `parallelism` says, each call in a thread of its own", async () => {
    // Two that wait for each other over a file, which would never end one after the other.
    const folder = await project({ x: "" });
    const module = `
      import { existsSync, writeFileSync } from "node:fs";
      import { setImmediate } from "node:timers/promises";
      const folder = ${JSON.stringify(folder)};
      export default async ({ _id }) => {
        writeFileSync(folder + "/" + _id, "");
        while (!existsSync(folder + "/" + (3 - _id))) await setImmediate();
        return "met";
      };`;
    const { documents } = await call(module, ids, { parallelism: 2 }, 60);
    expect(documents).toEqual(ids.map(({ _id }) => ({ _id, got: "met" })));
  });
});

describe("a module that fails", () => {
  const failing: readonly (readonly [string, string, string])[] = [
    ["throws", 'throw new TypeError("no tax");', '{"errorType":"TypeError","errorMessage":"no tax"}'],
    ["rejects with what is no error", "await Promise.reject(5);", '{"errorType":"number","errorMessage":"5"}'],
    ["returns what is no JSON", "return 1n;", "BigInt"],
    ["returns a function", "return () => 1;", "which is no JSON"],
    ["ends its thread", "process.exit();", "it has ended the thread that it runs in"],
    [
      "fails beside its promise",
      'setTimeout(() => { throw new Error("later"); }); await new Promise(() => {});',
      "later",
    ],
  ];

  test.each(failing)("%s: it is what onError speaks of, and the others are answered", async (_, does, reason) => {
    const dead = await call(forOne(does), ids);
    expect(dead.documents).toEqual([{ _id: 2, got: "ok" }]);
    expect(dead.letters).toMatchObject([
      {
        doc: { _id: 1 },
        operatorName: "$externalFunction",
        errInfo: { reason: expect.stringMatching(/^the function has failed: /) },
      },
    ]);
    expect(dead.letters[0]?.["errInfo"].reason).toContain(reason);
  });

  test.each([
    ["a loop", "for (;;);"],
    ["a promise that nothing settles", "await new Promise(() => {});"],
  ])("%s is ended after the time that the function has, and holds up nobody else", async (_, does) => {
    const ignored = await call(forOne(does), ids, { onError: "ignore" }, 1);
    expect(ignored).toMatchObject({ documents: [{ _id: 1 }, { _id: 2, got: "ok" }], letters: [] });
    const failed = await call(forOne(does), ids, { onError: "fail" }, 1);
    expect(failed.stats).toMatchObject({
      state: "FAILED",
      error: { code: "ASP5144", message: expect.stringContaining("Task timed out after 1 s") },
    });
  });

  test.each([
    ["is not there", { "other.ts": "" }, "Could not resolve"],
    ["is no TypeScript", { "fn.ts": "export default (" }, "fn.ts:1: "],
    ["imports what is not there", { "fn.ts": 'import "./nothing.ts";' }, 'Could not resolve "./nothing.ts"'],
    ["throws while it is loaded", { "fn.ts": 'throw new Error("no key"); export default () => 1;' }, "no key"],
    ["exports no function", { "fn.ts": "export const fn = () => 1;" }, "it exports no function by default"],
  ])("ASP5146: one that %s FAILs the processor before it reads", async (_, files, reason) => {
    const { stats } = await call(files, ids);
    expect(stats).toMatchObject({ state: "FAILED", input: 0, error: { code: "ASP5146" } });
    expect(stats?.error?.message).toContain(reason);
  });

  test("the page of ASP5146 shows what leads to it and what does not", async () => {
    const { wrong, right } = readExamples("ASP5146");
    const outcome = async (module = "") => (await call(module, [{ _id: 1, net: 100 }])).stats?.error?.code;
    expect(await outcome(wrong[0]?.text)).toBe("ASP5146");
    expect(await outcome(right[0]?.text)).toBeUndefined();
  });

  test("ASP5141: a function that `functions` does not name needs an address", async () => {
    const { stats } = await call("export default () => 1;", ids, { functionName: "other" });
    expect(stats).toMatchObject({
      state: "FAILED",
      error: { code: "ASP5141", help: expect.stringContaining("`other` below `functions`") },
    });
  });
});
