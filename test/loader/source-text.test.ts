import fc from "fast-check";
import { expect, test } from "vitest";
import { createPlaces } from "../../src/loader/places.ts";
import { readModule } from "../../src/loader/read-module.ts";
import { insert, toSourceText } from "../../src/loader/source-text.ts";
import { tagName } from "../../src/loader/tag-places.ts";

test("lines and columns count from 1, whatever ends a line", () => {
  const { placeAt } = toSourceText("f", "ab\ncd\r\n\re");
  const places = [0, 2, 3, 4, 7, 8].map((offset) => placeAt(offset)).map(({ line, column }) => `${line}:${column}`);
  expect(places).toEqual(["1:1", "1:3", "2:1", "2:2", "3:1", "4:1"]);
});

test("a place in the text with insertions is mapped back to where it was", () => {
  const cases = fc.record({
    text: fc.stringMatching(/^[ab\n]{0,40}$/),
    at: fc.array(fc.tuple(fc.nat({ max: 40 }), fc.stringMatching(/^[XY]{1,5}$/)), { maxLength: 6 }),
  });
  fc.assert(
    fc.property(cases, ({ text, at }) => {
      const insertions = at
        .filter(([offset]) => offset < text.length)
        .map(([offset, added]) => ({ offset, text: added }))
        .toSorted((a, b) => a.offset - b.offset);
      const source = toSourceText("f", text);
      const lines = insert(text, insertions).split("\n");
      let offset = 0;
      for (const [index, line] of lines.entries()) {
        for (const [column, character] of line.split("").entries()) {
          if (character === "X" || character === "Y") continue;
          expect(source.placeBefore(insertions, index + 1, column)).toEqual(source.placeAt(offset));
          offset++;
        }
        offset++;
      }
    }),
  );
});

test("tags can be taken out again, and none moves a line", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat({ max: 3 }), (json, indent) => {
      // In a literal, unlike in JSON, this key sets the prototype.
      fc.pre(!json.includes("__proto__"));
      const text = `export default ${JSON.stringify(JSON.parse(json), null, indent)};`;
      const { code, broken } = readModule("a.ts", text, createPlaces());
      expect(broken).toBeUndefined();
      expect(code.split("\n")).toHaveLength(text.split("\n").length);
      // The tag is called with the literal itself, so that evaluating gives the same value.
      // oxlint-disable-next-line no-implied-eval -- running what was tagged is the test
      const value: unknown = new Function(tagName, code.replace("export default", "return"))(
        (_: number, tagged: unknown) => tagged,
      );
      expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(json)));
    }),
  );
});
