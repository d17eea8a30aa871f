import type { Document } from "mongodb";
import type { Check } from "./check.ts";
import { isSameRegion } from "./is-same-region.ts";

/** Whether a cluster is next to the workspace: members of Atlas say in the tags of their `hello` where they are. */
export function checkNear(
  name: string,
  hello: Document,
  workspace: { readonly region: string | undefined; readonly provider: Parameters<typeof isSameRegion>[0] },
): readonly Check[] {
  const { region: here, provider } = (hello["tags"] ?? {}) as { readonly region?: string; readonly provider?: string };
  if (here === undefined || workspace.region === undefined) return [];
  const isOther = provider !== undefined && workspace.provider !== undefined && provider !== workspace.provider;
  const isSame = isOther ? false : isSameRegion(workspace.provider, here, workspace.region);
  if (isSame === undefined) return [];
  if (isSame) return [{ name, status: "ok", detail: `is in ${here}, next to the workspace` }];
  const detail = `is in ${here}, the workspace in ${workspace.region}: every document goes that way`;
  return [{ name, status: "warning", detail, help: "use a workspace in the region of the cluster" }];
}
