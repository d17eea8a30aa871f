import { MongoNetworkError, MongoServerError } from "mongodb";
import { describe, expect, test } from "vitest";
import { AspError } from "../../src/diagnostics/asp-error.ts";
import { pauseBeforeRetry, retryClassOf } from "../../src/engine/core/retry-class.ts";

const server = (code: number): MongoServerError => new MongoServerError({ message: "no", code });
const cannotGoOn = (cause: unknown): AspError => new AspError("ASP5107", "cannot go on", { cause });

describe("what stops a processor is", () => {
  test.each<[string, AspError]>([
    ["a missing index", new AspError("ASP5105", "no unique index")],
    ["a target of another kind", new AspError("ASP5106", "a view")],
    ["a broker that is away", new AspError("ASP5125", "away", { retryable: true })],
    ["a missing right", cannotGoOn(server(13))],
    ["a full disk", cannotGoOn(server(14_031))],
    ["a cluster that is away at the start", cannotGoOn(new MongoNetworkError("cut"))],
  ])("worth another start: %s", (_, error) => {
    expect(retryClassOf(error, false)).toBe("again");
  });

  test.each<[string, AspError, boolean]>([
    ["stages that the server refuses", cannotGoOn(server(168)), false],
    ["a lost history", new AspError("ASP5102", "lost"), false],
    ["too large a state", new AspError("ASP5190", "Worker out of memory"), true],
    ["a bug", new AspError("ASP9001", "bug"), true],
    ["a cluster that has been away for five minutes", cannotGoOn(new MongoNetworkError("cut")), true],
  ])("final: %s", (_, error, wasRunning) => {
    expect(retryClassOf(error, wasRunning)).toBe("final");
  });
});

test("failures of the last five minutes count, and their number is limited", () => {
  const pauses = [10, 20];
  expect(pauseBeforeRetry([1000], 1000, pauses)).toBe(10);
  expect(pauseBeforeRetry([1000, 2000], 2000, pauses)).toBe(20);
  expect(pauseBeforeRetry([1000, 2000, 3000], 3000, pauses)).toBeUndefined();
  expect(pauseBeforeRetry([1000, 2000, 400_000], 400_000, pauses)).toBe(10);
});
