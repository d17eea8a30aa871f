import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { explainServiceText } from "../../src/deploy/apply/explain-service-text.ts";

// Recorded texts: asp-control-plane 1.7.
test.each([
  ["connection named events does not exist. Check sp.listConnections() for more", "ASP6020"],
  [
    "Operator parallelism requested exceeds limit for this tier. (Requested: 9, Limit: 8). Minimum tier: SP30",
    "ASP4032",
  ],
  ["IDLUnknownField: BSON field 'x' is an unknown field", "ASP1006"],
  ["the processor ran out of memory", "ASP5190"],
])("%s", (text, code) => {
  expect(explainServiceText(text)).toEqual([`\`asp explain ${code}\` says more`]);
  expect(readdirSync("docs/errors")).toContain(`${code}.md`);
});

test("what asp knows nothing of speaks for itself", () => {
  expect(explainServiceText("no such topic")).toEqual([]);
});
