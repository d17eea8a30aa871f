import type { Finding } from "../diagnostics/finding.ts";
import type { Project } from "../testing/project.ts";

/** Findings about processors that come from elsewhere than their modules, with the place where this of each was written. */
export async function locateFindings(
  { locate }: Pick<Project, "locate">,
  key: "name" | "options",
  findings: readonly Finding[],
): Promise<readonly Finding[]> {
  if (findings.length === 0) return findings;
  const { at, values } = await locate();
  return findings.map((finding): Finding => {
    const value = values.find(({ name }) => name === finding.processor);
    return { ...finding, ...(value === undefined ? {} : at(value, key)) };
  });
}
