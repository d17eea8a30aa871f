import { defineCommand } from "../define-command.ts";
import { suffixOption } from "../parse-suffix.ts";
import { withoutResult } from "../without-result.ts";

export const stats = defineCommand({
  name: "stats",
  summary: "Show everything that the service measures of one processor",
  about: "Counts, sizes, lag, memory, windows, and each operator. With --json it is the service's own reply.",
  examples: ["asp stats orders -e production", "asp stats orders --json"],
  operands: { spec: "<name>", about: "a processor of the workspace" },
  options: { suffix: suffixOption },
  async run({ operands: typed, options: { suffix } }, ctx) {
    const [{ withWorkspace }, { findUnknown }, { renderStats }, { EJSON }] = await Promise.all([
      import("../operate/open-workspace.ts"),
      import("../operate/no-such-processor.ts"),
      import("../render/stats-text.ts"),
      import("bson"),
    ]);
    return await withWorkspace(ctx, { door: "any", names: typed, suffix }, async (workspace, [name = ""]) => {
      const { target } = workspace;
      const read = await target.stats(name);
      if (read === undefined) return withoutResult(await findUnknown([name], workspace));
      const text = renderStats(read, { label: target.label, color: ctx.color.stdout });
      return { text, json: undefined, jsonText: EJSON.stringify(read.raw, undefined, 2, { relaxed: true }) };
    });
  },
});
