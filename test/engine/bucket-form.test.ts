import { serialize } from "bson";
import { expect, test } from "vitest";
import { planSink } from "../../src/engine/core/plan-sink.ts";
import { createCaptureForm } from "../../src/engine/sinks/capture/create-capture-form.ts";
import type { CaptureForm } from "../../src/engine/sinks/capture/capture-form.ts";

const formOf = (args: object): CaptureForm => {
  const plan = planSink({ $emit: { connectionName: "cloud", ...args } });
  if (plan.kind !== "capture") throw new Error(`${plan.kind} is not captured`);
  return createCaptureForm(plan);
};

const document = serialize({ a: 1 });

test("what is not given has the documented defaults", () => {
  expect(formOf({ bucket: "acme", path: "raw" })).toMatchObject({
    writeOptions: { count: undefined, bytes: 33_554_432, intervalMs: 60_000 },
    format: { extension: ".json", delimiter: "\n", compression: "none", compressionLevel: 6 },
  });
});

test.each([
  [{ bucket: "$name", path: "a" }, "bucket"],
  [{ projectId: "acme", region: "r", topic: "$name" }, "topic"],
])("more than a thousand targets are too many: %j", (args, option) => {
  const form = formOf(args);
  const resolve = (n: number): unknown => form.resolve({ document, values: { [option]: `n${n}` }, index: n });
  for (let n = 0; n < 1000; n += 1) resolve(n);
  expect(() => resolve(1000)).toThrow("`$emit` has more than 1000 targets");
  expect(resolve(0)).toMatchObject({ document });
});

test("paths are no targets: any number of them may be", () => {
  const form = formOf({ bucket: "acme", path: "$path" });
  for (let n = 0; n < 3000; n += 1) {
    const found = form.resolve({ document, values: { path: `day/${n}` }, index: n });
    expect(found).toMatchObject({ folder: `acme/day/${n}` });
  }
});
