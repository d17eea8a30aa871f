import { relative } from "node:path";

/** `pipelines/orders.ts`: relative to the project, unless it lies outside. */
export function projectFile(cwd: string, path: string): string {
  const inside = relative(cwd, path).replaceAll("\\", "/");
  return inside.startsWith("../") ? path : inside;
}
