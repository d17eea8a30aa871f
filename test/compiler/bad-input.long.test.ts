import fc from "fast-check";
import { describe, test } from "vitest";
import { badInput } from "./junk.ts";

describe("whatever the pipeline is, compiling gives a definition or says why not, a hundred thousand times", () => {
  test.each(badInput)("%s", (_, property) => fc.assert(property, { numRuns: 100_000 }));
});
