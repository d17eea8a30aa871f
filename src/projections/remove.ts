const removeBrand: unique symbol = Symbol.for("asp-toolkit.remove") as never;

/** What {@link remove} returns. */
export interface Removal {
  readonly [removeBrand]: true;
}

/**
 * Removes the read model: a handler returns it instead of fields.
 *
 * A `$merge` pipeline cannot delete, so the document becomes a tombstone `{_id, _asp: {…, deleted: true}}`, which readers leave out
 * with `{"_asp.deleted": {$ne: true}}`. A later event of the same key starts from `initial`.
 *
 * @example
 * OrderCancelled: () => remove(),
 */
export function remove(): Removal {
  return { [removeBrand]: true };
}

/** True for what `remove()` of any copy of this package returned. */
export function isRemoval(value: unknown): value is Removal {
  return typeof value === "object" && value !== null && removeBrand in value;
}
