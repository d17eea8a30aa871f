import { defineCommand } from "../define-command.ts";
import { strictOption } from "../global-options.ts";

export const dev = defineCommand({
  name: "dev",
  summary: "Check and test again whenever a module, the config or a fixture is saved",
  about:
    "Runs all fixture cases, or those that are named, and then at each save those that it may change: of a file in the folder of a\n" +
    "case that case, of any other file all of them. A save while they run begins anew. The mongod stays between two rounds.\n\n" +
    "Ctrl-C ends it with 130. With --json it prints one line a round, in the form of `asp test --json`.",
  examples: ["asp dev", "asp dev order-is-placed", "asp dev --json"],
  operands: { spec: "[cases...]", about: "folders of test/fixtures/; default: all" },
  options: { strict: strictOption },
  async run({ operands, options: { strict } }, ctx) {
    const { watchTests } = await import("../watch/watch-tests.ts");
    return await watchTests(operands, { strict }, ctx);
  },
});
