import { withoutSuffix } from "./preview-names.ts";

/** For which environment, and of which preview, a projection is rebuilt. */
export interface RebuildScope {
  /** Its name. */
  readonly environment: string;
  /** Of a preview. */
  readonly suffix?: string | undefined;
  /** What the preview consists of, where that is not all of the project. */
  readonly only?: readonly string[] | undefined;
}

/** What to type for a projection: `asp rebuild orders -e staging --suffix pr-42` for what the workspace calls `orders-pr-42`. */
export function rebuildCommand(name: string, { environment, suffix, only = [] }: RebuildScope): string {
  const preview = [
    ...(suffix === undefined ? [] : [`--suffix ${suffix}`]),
    ...(only.length === 0 ? [] : [`--only ${only.join(",")}`]),
  ];
  return ["asp rebuild", withoutSuffix(name, suffix) ?? name, "-e", environment, ...preview].join(" ");
}
