import fc from "fast-check";
import { expect, test } from "vitest";
import { didYouMean, suggest } from "../../src/diagnostics/suggest.ts";

const stages = ["$match", "$merge", "$project", "$source", "$unwind"];

test.each([
  ["$mach", "$match"],
  ["$mathc", "$match"],
  ["match", "$match"],
  ["$MERGE", "$merge"],
  ["$unwnid", "$unwind"],
])("%s is taken for %s", (word, meant) => expect(suggest(word, stages)).toBe(meant));

test.each(["$bucket", "", "x", "$out"])("nothing is near %j", (word) => expect(suggest(word, stages)).toBeUndefined());

test("a known word is not suggested for itself", () => expect(suggest("$match", ["$match"])).toBeUndefined());

test("the help text names the candidate", () => {
  expect(didYouMean("dql", ["dlq"])).toBe("did you mean `dlq`?");
  expect(didYouMean("anything", ["dlq"])).toBeUndefined();
});

test("any word is answered at once, and never with itself", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 5000 }), fc.array(fc.string()), (word, candidates) => {
      expect(suggest(word, candidates)).not.toBe(word);
    }),
  );
  expect(suggest("x".repeat(1_000_000), ["x".repeat(999_999)])).toBeUndefined();
});

test("two neighbouring letters swapped are still one edit", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{6,12}$/), fc.nat({ max: 4 }), (word, at) => {
      const swapped = word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
      if (swapped !== word) expect(suggest(swapped, [word])).toBe(word);
    }),
  );
});
