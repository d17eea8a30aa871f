import { UsageError } from "../usage-error.ts";

/** `orders,payments`. */
export function parseNames(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new UsageError("names are written `orders,payments`");
  return names;
}

/** `former=name,…`: name → former name. */
export function parseRenames(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(",").map((pair) => {
      const [former = "", name = "", ...rest] = pair.trim().split("=");
      if (former === "" || name === "" || rest.length > 0) throw new UsageError("renames are written `former=name`");
      return [name, former] as const;
    }),
  );
}
