import fc from "fast-check";
import { expect, test } from "vitest";
import { interpolate } from "../../src/config/interpolate.ts";

const place = { file: "atlas.config.yaml", line: 3, column: 7 };
const variables = { HOST: "db.example", EMPTY: "", NESTED: "${HOST}" };

test.each([
  ["plain", "plain"],
  ["${HOST}", "db.example"],
  ["mongodb://${HOST}:${PORT:-27017}/", "mongodb://db.example:27017/"],
  ["${EMPTY:-x}", "x"],
  ["${NONE:-}", ""],
  ["$${HOST}", "${HOST}"],
  ["$$${HOST}", "$${HOST}"],
  ["$ConnectionString", "$ConnectionString"],
  ["a$b$$c", "a$b$$c"],
  ["${NESTED}", "${HOST}"],
])("%s becomes %s", (text, value) => expect(interpolate(text, variables, place)).toEqual({ value }));

test.each([
  ["${NONE}", "ASP4006", "the environment variable `NONE` is not set"],
  ["${EMPTY}", "ASP4006", "the environment variable `EMPTY` is empty"],
  ["${toString}", "ASP4006", "the environment variable `toString` is not set"],
  ["${a-b}", "ASP4007", "`${a-b}` is not a variable"],
  ["${}", "ASP4007", "`${}` is not a variable"],
  ["x${HOST", "ASP4007", "`${HOST` is not a variable"],
])("%s is %s", (text, code, message) => {
  expect(interpolate(text, variables, place).finding).toMatchObject({ code, message, ...place });
});

test("a near variable is suggested by name, never by value", () => {
  const { finding } = interpolate("${DOMAIN_URL}", { DOMAIN_URI: "mongodb://secret" }, place);
  expect(finding?.help).toBe("did you mean `DOMAIN_URI`?");
  expect(JSON.stringify(finding)).not.toContain("secret");
});

test("what has no variable in it stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      fc.pre(!text.includes("${"));
      expect(interpolate(text, {})).toEqual({ value: text });
    }),
  );
});
