import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { explainPage } from "../../src/diagnostics/explain-page.ts";
import { findingsSchema } from "../../src/diagnostics/findings-schema.ts";
import { findingsToJson } from "../../src/diagnostics/findings-to-json.ts";

test("every finding has the same keys in the same order, unknown ones null", () => {
  const json = findingsToJson([
    { code: "ASP1000", severity: "warning", message: "b", file: "b.ts", line: 1, column: 2, length: 3 },
    {
      code: "ASP1001",
      severity: "error",
      message: "a",
      processor: "p",
      path: [0, "$match"],
      file: "a.ts",
      line: 1,
      column: 1,
      notes: ["n"],
      help: "h",
    },
  ]);
  expect(JSON.stringify(json)).toBe(
    '{"findings":[' +
      '{"code":"ASP1001","severity":"error","message":"a","processor":"p","path":[0,"$match"],"file":"a.ts","line":1,"column":1,"help":"h","notes":["n"]},' +
      '{"code":"ASP1000","severity":"warning","message":"b","processor":null,"path":null,"file":"b.ts","line":1,"column":2}' +
      '],"errors":1,"warnings":1}',
  );
});

test("the published schema takes what is printed", () => {
  const validate = new Ajv({ allowUnionTypes: true }).compile(findingsSchema);
  const json: unknown = JSON.parse(
    JSON.stringify(
      findingsToJson([
        { code: "ASP1000", severity: "warning", message: "b", file: "b.ts", line: 1, column: 2, length: 3 },
        {
          code: "ASP1001",
          severity: "error",
          message: "a",
          processor: "p",
          path: [0, "$match"],
          notes: ["n"],
          help: "h",
        },
      ]),
    ),
  );
  expect(validate(json), JSON.stringify(validate.errors)).toBe(true);
});

const folder = {
  docsDir: "docs/errors",
  files: ["ASP2003.md"],
  read: (file: string) => (file === "docs/errors/ASP2003.md" ? "# ASP2003" : undefined),
};

test.each(["ASP2003", "asp2003", "2003"])("the page of %s is found", (code) => {
  expect(explainPage(code, folder)).toEqual({ found: true, code: "ASP2003", text: "# ASP2003" });
});

test("an unknown code is answered with the nearest one, and never becomes a path", () => {
  expect(explainPage("ASP2030", folder)).toEqual({ found: false, code: "ASP2030", suggestion: "ASP2003" });
  expect(explainPage("../../package", folder)).toMatchObject({ found: false });
});
