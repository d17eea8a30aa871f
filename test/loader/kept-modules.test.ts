import { Script } from "node:vm";
import { serialize } from "node:v8";
import { expect, test } from "vitest";
import { createKeptModules, type KeptModules } from "../../src/loader/kept-modules.ts";

const module = { path: "/project/pipelines/a.ts", text: "export default 1 as number" };
const code = "(() => 1)";

/** A file, and how often it was written. */
function createFile(bytes?: Buffer) {
  const file = {
    bytes,
    writes: 0,
    open: (): KeptModules =>
      createKeptModules({
        read: () => file.bytes,
        write: (written) => {
          file.bytes = written;
          file.writes += 1;
        },
      }),
    run: (asked = module): unknown => (file.open().find(asked)?.runInThisContext() as (() => unknown) | undefined)?.(),
  };
  return file;
}

function keepOne() {
  const file = createFile();
  const kept = file.open();
  expect(kept.find(module)).toBeUndefined();
  const script = new Script(code, { filename: module.path });
  kept.add({ ...module, code }, script);
  script.runInThisContext();
  kept.keep();
  return file;
}

test("what was made of a module is found by its path and its whole text", () => {
  const file = keepOne();
  expect(file.run()).toBe(1);
  expect(file.run({ ...module, text: `${module.text} ` })).toBeUndefined();
  expect(file.run({ ...module, path: "/project/pipelines/b.ts" })).toBeUndefined();
});

test("a module that is changed takes the place of the one before, and one that is gone goes", () => {
  const file = keepOne();
  const changed = { ...module, text: "export default 2" };
  const kept = file.open();
  expect(kept.find(changed)).toBeUndefined();
  kept.add({ ...changed, code: "(() => 2)" }, new Script("(() => 2)", { filename: module.path }));
  kept.keep();
  expect(file.run()).toBeUndefined();
  expect(file.run(changed)).toBe(2);
  const other = { path: "/project/pipelines/b.ts", text: "export default 3" };
  const next = file.open();
  next.add({ ...other, code: "(() => 3)" }, new Script("(() => 3)", { filename: other.path }));
  next.keep();
  expect(file.run(changed)).toBeUndefined();
  expect(file.run(other)).toBe(3);
});

test("nothing is written where everything was found", () => {
  const file = keepOne();
  const kept = file.open();
  kept.find(module);
  kept.keep();
  expect(file.writes).toBe(1);
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["a text", Buffer.from("no value")],
  ["another value", serialize(["no map"])],
])("what holds %s is made again", (_, bytes) => {
  expect(createFile(bytes).run()).toBeUndefined();
});

test("where V8 takes no more what it made, the code is compiled again and kept", () => {
  // What this process has compiled already it does not take from what was kept.
  const unseen = { ...module, code: "(() => 0 + 1)", compiled: Buffer.from("old") };
  const file = createFile(serialize(new Map([[module.path, unseen]])));
  const kept = file.open();
  expect(kept.find(module)?.runInThisContext()).toBeTypeOf("function");
  kept.keep();
  expect(file.writes).toBe(1);
  expect(file.run()).toBe(1);
});
