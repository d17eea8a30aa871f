import { expect, onTestFinished, test, vi } from "vitest";
import { AspError } from "../../src/diagnostics/asp-error.ts";
import { withRetries } from "../../src/engine/retry.ts";

const passing = new AspError("ASP5120", "away", { retryable: true });

test("what passes by itself is tried again, and what does not is not", async () => {
  let attempts = 0;
  const work = async (): Promise<number> => {
    attempts += 1;
    if (attempts < 3) throw passing;
    return attempts;
  };
  expect(await withRetries(work, new AbortController().signal)).toBe(3);
  const refuse = (): Promise<never> => Promise.reject(new AspError("ASP5123", "no"));
  await expect(withRetries(refuse, new AbortController().signal)).rejects.toThrow("no");
});

test("a stop in the pause ends it: nothing is tried once more", async () => {
  const abort = new AbortController();
  let attempts = 0;
  const work = async (): Promise<never> => {
    attempts += 1;
    throw passing;
  };
  const running = withRetries(work, abort.signal);
  setTimeout(() => abort.abort(), 10);
  await expect(running).rejects.toBe(passing);
  expect(attempts).toBe(1);
});

test("time counts from the first failure: work that took long may fail once, and what keeps failing is given up", async () => {
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  let attempts = 0;
  const work = async (): Promise<number> => {
    attempts += 1;
    now += 6 * 60_000;
    if (attempts === 1) throw passing;
    return attempts;
  };
  expect(await withRetries(work, new AbortController().signal)).toBe(2);
  attempts = 0;
  const fail = async (): Promise<never> => {
    attempts += 1;
    now += 3 * 60_000;
    throw passing;
  };
  await expect(withRetries(fail, new AbortController().signal)).rejects.toBe(passing);
  expect(attempts).toBe(3);
});
