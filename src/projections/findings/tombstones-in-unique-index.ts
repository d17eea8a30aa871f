import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A unique index in which tombstones would collide. Documented in docs/errors/ASP1122.md. */
export const tombstonesInUniqueIndex = defineFinding<{ index: string; collection: string }>("ASP1122", {
  severity: "error",
  message: ({ index, collection }) => `the unique index on ${index} of ${collection} does not leave tombstones out`,
  notes: () => [
    "a removed read model stays as a tombstone `{_id, _asp}`; for the index all of them have the same key, so the second `remove()` would fail",
  ],
  help: 'add `partialFilterExpression: { "_asp.deleted": null }` to the index, or make it `sparse`',
});
