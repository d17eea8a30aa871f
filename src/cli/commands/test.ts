import { dirname, resolve } from "node:path";
import { makeFolder } from "../../mongod/make-folder.ts";
import { defineCommand } from "../define-command.ts";
import { strictOption } from "../global-options.ts";
import { replaceFile } from "../replace-file.ts";

export const test = defineCommand({
  name: "test",
  summary: "Run fixture cases with all their trials, compare and report",
  about: "Cases run on a mongod of their own, whatever the environment says. A difference is a finding on stderr.",
  examples: [
    "asp test",
    "asp test order-is-placed --update",
    "asp test sessions --explain-time",
    "asp test --json --junit junit.xml",
  ],
  operands: { spec: "[cases...]", about: "folders of test/fixtures/; default: all" },
  options: {
    junit: { flag: "--junit <file>", about: "write a report for a build server, too" },
    explainTime: {
      flag: "--explain-time",
      about: "show which document moved the watermark, opened, joined or closed a window, or was late, and why",
    },
    update: { flag: "--update", about: "write what comes out to then/, where all trials agree" },
    strict: strictOption,
  },
  async run({ operands, options: { junit, update, explainTime, strict } }, ctx) {
    // Before the cases run: what they show must not be lost for want of a folder.
    if (junit !== undefined) makeFolder(dirname(resolve(ctx.cwd, junit)));
    const { runTests } = await import("../run-tests.ts");
    const { outcome, report } = await runTests({ names: operands, strict, update, explainTime }, ctx);
    if (junit !== undefined && report !== undefined) {
      const { renderJunit } = await import("../../testing/report/render-junit.ts");
      await replaceFile(resolve(ctx.cwd, junit), renderJunit(report));
    }
    return outcome;
  },
});
