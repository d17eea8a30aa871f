import { readFileSync } from "node:fs";

export interface Fence {
  readonly language: string;
  readonly text: string;
}

/** The fenced examples of a page in docs/errors, by the heading they stand under. */
export function readExamples(code: string): { readonly wrong: readonly Fence[]; readonly right: readonly Fence[] } {
  const page = readFileSync(new URL(`../../docs/errors/${code}.md`, import.meta.url), "utf8");
  const under = (heading: string): readonly Fence[] => {
    const section = page.split(new RegExp(`^## ${heading}$`, "m"))[1]?.split(/^## /m)[0] ?? "";
    return [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = "", text = ""]) => ({
      language,
      text,
    }));
  };
  return { wrong: under("Wrong"), right: under("Right") };
}

/** What the example of a page needs around it. */
export function settingOf<Setting>(settings: Readonly<Record<string, Setting>>, code: string): Setting {
  const setting = settings[code];
  if (setting === undefined) throw new Error(`nothing says what the example of ${code} stands in`);
  return setting;
}
