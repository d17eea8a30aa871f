import { suffixOption } from "../parse-suffix.ts";
import { UsageError } from "../usage-error.ts";

/** `orders,payments`. */
export function parseNames(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new UsageError("names are written `orders,payments`");
  return names;
}

/** `former=name,…`: name → former name; each is in one pair. */
export function parseRenames(text: string): ReadonlyMap<string, string> {
  const renames = new Map<string, string>();
  for (const pair of text.split(",")) {
    const [former = "", name = "", ...rest] = pair.trim().split("=");
    if (former === "" || name === "" || rest.length > 0) throw new UsageError("renames are written `former=name`");
    if (renames.has(name)) throw new UsageError(`two processors cannot become \`${name}\``);
    if ([...renames.values()].includes(former)) throw new UsageError(`\`${former}\` cannot become two processors`);
    renames.set(name, former);
  }
  return renames;
}

export const onlyOption = {
  flag: "--only <names>",
  about: "these processors alone, with commas between them",
  parse: parseNames,
} as const;

/** For commands that act on a preview that is there: which one, and what it consists of. */
export const previewOptions = {
  suffix: suffixOption,
  only: { ...onlyOption, about: "with --suffix: the processors that the preview was deployed with, where not all" },
} as const;

/**
 * Names of the processors that a preview consists of; none: all.
 *
 * @throws UsageError where there is no preview
 */
export function readMembers(suffix: string | undefined, only: readonly string[] = []): readonly string[] {
  if (suffix !== undefined || only.length === 0) return only;
  throw new UsageError("--only says what a preview consists of", "add `--suffix`, or leave it out");
}

/** What `plan` and `deploy` alike are told of the plan that they make. */
export const planOptions = {
  suffix: suffixOption,
  only: onlyOption,
  prune: { flag: "--prune", about: "delete processors that are recorded as this project's and are no more in it" },
  noStart: { flag: "--no-start", about: "start nothing that does not run" },
  rename: {
    flag: "--rename <pairs>",
    about: "former=name, with commas between them: a processor that only has another name now",
    parse: parseRenames,
  },
} as const;
