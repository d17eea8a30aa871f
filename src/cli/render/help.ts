import { globalOptions } from "../global-options.ts";

/** `asp --help`: what there is, in the order in which a newcomer meets it. */
export function renderHelp(summaries: readonly (readonly [name: string, summary: string])[]): string {
  const options = Object.values(globalOptions).map(({ flag, about }) => [flag, about] as const);
  return [
    "Usage: asp <command> [options]",
    "",
    "Author, check, run and replay MongoDB Atlas Stream Processing pipelines as TypeScript.",
    "",
    "Commands:",
    ...renderPairs(summaries),
    "",
    "Options, before or after the command:",
    ...renderPairs([...options, ["-h, --help", "this text, or a command's own"], ["-V, --version", "the version"]]),
    "",
    "Examples:",
    "  $ asp init shop",
    "  $ asp validate",
    "  $ asp test",
    "",
  ].join("\n");
}

function renderPairs(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
