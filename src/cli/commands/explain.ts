import { defineCommand } from "../define-command.ts";
import { listPages, readPage } from "../render/read-page.ts";
import { UsageError } from "../usage-error.ts";

export const explain = defineCommand({
  name: "explain",
  summary: "Show the page of a finding: what it means, why, a wrong and a right example",
  examples: ["asp explain ASP2003", "asp explain 2003", "asp explain"],
  operands: { spec: "[code]", about: "the finding's code, as it stands in brackets; without one, a list of all" },
  options: {},
  async run({ operands: [asked] }) {
    if (asked === undefined) {
      const pages = listPages();
      const lines = pages.map(({ code, title }) => `${code}  ${title}`);
      return { text: `${lines.join("\n")}\n\nasp explain <code> shows one of them`, json: { pages } };
    }
    const page = readPage(asked);
    if (page.found) return { text: page.text, json: { code: page.code, page: page.text } };
    throw new UsageError(
      `there is no finding \`${asked}\``,
      page.suggestion === undefined
        ? "a code is ASP and four digits, as it stands in brackets after `error` or `warning`; `asp explain` lists all"
        : `did you mean \`asp explain ${page.suggestion}\`?`,
    );
  },
});
