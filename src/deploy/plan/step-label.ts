import type { CollectionStep, Step } from "./step.ts";

/** What a step is about, by its name; of a collection or an index `db.coll`. */
export function labelOf(step: Step): string {
  if ("name" in step) return step.name;
  if ("workspace" in step) return step.workspace;
  return "connection" in step ? step.connection : collectionOf(step);
}

export function collectionOf({ db, coll }: Pick<CollectionStep, "db" | "coll">): string {
  return `${db}.${coll}`;
}
