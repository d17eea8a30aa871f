import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Script } from "node:vm";
import { serialize } from "node:v8";
import { expect, test } from "vitest";
import { keepFile } from "../../src/loader/keep-file.ts";
import { createKeptModules } from "../../src/loader/kept-modules.ts";
import { project } from "./project.ts";

const module = { path: "/project/pipelines/a.ts", text: "export default 1 as number" };
const code = "(() => 1)";

async function keepOne(): Promise<{ readonly folder: string; readonly file: string }> {
  const folder = await project({});
  const kept = createKeptModules(folder, "modules");
  expect(kept.find(module)).toBeUndefined();
  const script = new Script(code, { filename: module.path });
  kept.add({ ...module, code }, script);
  script.runInThisContext();
  kept.keep();
  return { folder, file: join(folder, "modules") };
}

const runIn = (folder: string, asked = module): unknown =>
  (createKeptModules(folder, "modules").find(asked)?.runInThisContext() as (() => unknown) | undefined)?.();

test("what was made of a module is found by its path and its whole text", async () => {
  const { folder } = await keepOne();
  expect(runIn(folder)).toBe(1);
  expect(runIn(folder, { ...module, text: `${module.text} ` })).toBeUndefined();
  expect(runIn(folder, { ...module, path: "/project/pipelines/b.ts" })).toBeUndefined();
  expect(createKeptModules(folder, "others").find(module)).toBeUndefined();
});

test("a module that is changed takes the place of the one before, and one that is gone goes", async () => {
  const { folder } = await keepOne();
  const changed = { ...module, text: "export default 2" };
  const kept = createKeptModules(folder, "modules");
  expect(kept.find(changed)).toBeUndefined();
  kept.add({ ...changed, code: "(() => 2)" }, new Script("(() => 2)", { filename: module.path }));
  kept.keep();
  expect(runIn(folder)).toBeUndefined();
  expect(runIn(folder, changed)).toBe(2);
});

test("nothing is written where everything was found", async () => {
  const { folder, file } = await keepOne();
  const kept = createKeptModules(folder, "modules");
  kept.find(module);
  await writeFile(file, "a mark");
  kept.keep();
  expect(await readFile(file, "utf8")).toBe("a mark");
});

test("what is not whole, or of another form, is made again", async () => {
  const { folder, file } = await keepOne();
  const whole = await readFile(file);
  for (const bytes of [Buffer.alloc(0), whole.subarray(0, 100), Buffer.from("no code")]) {
    await writeFile(file, bytes);
    expect(runIn(folder)).toBeUndefined();
  }
  keepFile(folder, "modules", serialize(["no map"]));
  expect(runIn(folder)).toBeUndefined();
  keepFile(folder, "modules", Buffer.from("no value"));
  expect(runIn(folder)).toBeUndefined();
});

test("where V8 takes no more what it made, the code is compiled again and kept", async () => {
  const { folder, file } = await keepOne();
  // What this process has compiled already it does not take from what was kept.
  const unseen = { ...module, code: "(() => 0 + 1)", compiled: Buffer.from("old") };
  keepFile(folder, "modules", serialize(new Map([[module.path, unseen]])));
  const before = await readFile(file);
  const kept = createKeptModules(folder, "modules");
  expect(kept.find(module)?.runInThisContext()).toBeTypeOf("function");
  kept.keep();
  expect((await readFile(file)).equals(before)).toBe(false);
  expect(runIn(folder)).toBe(1);
});
