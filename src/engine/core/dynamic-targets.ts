import { AspError } from "../../diagnostics/asp-error.ts";

/** So many different targets may the expressions of a sink give. Source: asp-language section 7.3. */
export const dynamicTargetsMax = 1000;

/** Counts where a sink's documents go. */
export interface DynamicTargets {
  /** @throws AspError ASP5156 for a target that is one too many */
  add(...names: readonly string[]): void;
}

/** @param stage as authors write it: `$merge` */
export function createDynamicTargets(stage: string, max = dynamicTargetsMax): DynamicTargets {
  const known = new Set<string>();
  return {
    add: (...names) => {
      const target = names.join("\u0000");
      if (known.has(target)) return;
      if (known.size === max) {
        throw new AspError(
          "ASP5156",
          `\`${stage}\` has more than ${max} targets: "${names.join(".")}" would be one more`,
          { help: "compute the target from a field with few values, or filter before the sink" },
        );
      }
      known.add(target);
    },
  };
}
