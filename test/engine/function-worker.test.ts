import { expect, test } from "vitest";
import { startFunctionWorker } from "../../src/engine/functions/function-worker.ts";

test("a module that loops while it is loaded is given up, and its thread ended", async () => {
  const worker = startFunctionWorker("for (;;);");
  await expect(worker.load(300)).rejects.toThrow("it has not been loaded after 0.3 s");
  expect(worker.isOver).toBe(true);
});

test("a thread that has ended takes no more calls, and says so", async () => {
  const worker = startFunctionWorker("export default () => 1;");
  await worker.load(10_000);
  await worker.end();
  const call = { event: "{}", functionName: "f", requestId: "r", timeLimitMs: 1000 };
  expect(await worker.call(call)).toEqual({
    kind: "failed",
    json: '{"errorType":"Runtime.ExitError","errorMessage":"its thread has ended"}',
  });
});
