import { Ajv } from "ajv";
import type { TSchema } from "@sinclair/typebox";
import { expect, test } from "vitest";
import {
  compileReportSchema,
  doctorReportSchema,
  errorSchema,
  explainSchema,
  initReportSchema,
  runReportSchema,
} from "../../src/cli/json-schemas.ts";
import { makeFolder, runCli } from "./run-cli.ts";
import { project } from "./sample.ts";

const ajv = new Ajv({ allErrors: true, strict: false });

function expectShape(schema: TSchema, text: string): void {
  const isValid = ajv.compile(schema);
  expect({ ok: isValid(JSON.parse(text)), errors: isValid.errors }).toEqual({ ok: true, errors: null });
}

const printed: readonly (readonly [string, readonly string[], TSchema])[] = [
  ["init", ["init", "new"], initReportSchema],
  ["compile --out", ["compile", "--out", "made"], compileReportSchema],
  ["explain", ["explain", "ASP9000"], explainSchema],
  ["doctor", ["doctor"], doctorReportSchema],
  ["a wrong command line", ["valdate"], errorSchema],
  ["no mongod", ["run"], errorSchema],
  ["a folder that cannot be written", ["compile", "--out", "atlas.config.yaml"], errorSchema],
];

test.each(printed)("what %s prints with --json fits its published schema", async (_, argv, schema) => {
  const cwd = await makeFolder(project);
  const env = { MONGOMS_SYSTEM_BINARY: "/no/mongod" };
  const { stdout } = await runCli([...argv, "--json"], { cwd, env });
  expectShape(schema, stdout);
});

test("what run prints with --json fits its published schema", () => {
  const lagMs = { p50: 1, p95: 2.5, max: 3 };
  const stats = { name: "orders", state: "FAILED", input: 3, output: 2, deadLetters: 1, lagMs };
  const error = { code: "ASP5100", message: "no" };
  expectShape(
    runReportSchema,
    JSON.stringify({ seconds: 1.5, stoppedBy: "SIGINT", processors: [{ ...stats, error }] }),
  );
});
