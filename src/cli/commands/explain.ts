import { readFile, readdir } from "node:fs/promises";
import { defineCommand } from "../define-command.ts";
import { UsageError } from "../usage-error.ts";

/** Beside `src` and `dist` alike, three levels up. */
const pages = new URL("../../../docs/errors/", import.meta.url);

export const explain = defineCommand({
  name: "explain",
  summary: "Show the page of a finding: what it means, why, a wrong and a right example",
  examples: ["asp explain ASP2003", "asp explain 2003"],
  operands: { spec: "<code>", about: "the finding's code, as it stands in brackets" },
  options: {},
  async run({ operands: [asked = ""] }) {
    const code = /^\d{4}$/u.test(asked) ? `ASP${asked}` : asked.toUpperCase();
    const files = await readdir(pages);
    const codes = files.filter((file) => /^ASP\d{4}\.md$/u.test(file)).map((file) => file.slice(0, -3));
    if (!codes.includes(code)) {
      const { suggest } = await import("../../diagnostics/suggest.ts");
      const near = suggest(code, codes);
      throw new UsageError(
        `there is no finding \`${asked}\``,
        near === undefined
          ? "a code is ASP and four digits, for example ASP2003"
          : `did you mean \`asp explain ${near}\`?`,
      );
    }
    const page = await readFile(new URL(`${code}.md`, pages), "utf8");
    return { text: page, json: { code, page } };
  },
});
