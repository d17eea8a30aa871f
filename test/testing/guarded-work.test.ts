import { expect, test } from "vitest";
import { guardWork } from "../../src/testing/case/guarded-work.ts";

const loops = "for (;;) {}";

test.each<readonly [string, () => unknown, string]>([
  ["waits", () => new Promise(() => {}), "it waits, and nothing has come for 0.2 s"],
  [
    "throws",
    () => {
      throw new Error("no");
    },
    "no",
  ],
  ["rejects", () => Promise.reject(new Error("never")), "never"],
])("work that %s fails", async (_, work, message) => {
  const guard = await guardWork(loops, 200);
  try {
    await expect(guard.run(work)).rejects.toThrow(message);
    expect(await guard.run(() => Promise.resolve(1))).toBe(1);
  } finally {
    guard.close();
  }
});

test("work that runs for ever is ended, and what follows is done", async () => {
  const guard = await guardWork(loops, 200);
  const spin = (): never => {
    for (;;);
  };
  try {
    for (let time = 0; time < 2; time++) {
      await expect(guard.run(spin)).rejects.toThrow("it runs without an end, and nothing has come of it");
    }
    expect(await guard.run(() => 2)).toBe(2);
  } finally {
    guard.close();
  }
});

test("what nobody catches while a module is loaded is what loading it throws", async () => {
  const guard = await guardWork("");
  const load = guard.load(() => {
    void Promise.reject(new Error("lost"));
    return 1;
  });
  await expect(load).rejects.toThrow("lost");
});
