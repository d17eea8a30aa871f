// Expressions that several projections use. A file without a default export is a helper.

/** The list with one more element at its end, or as it is where the element is in it. */
export const adding = <List, Element>(list: List, element: Element) =>
  ({ $cond: [{ $in: [element, list] }, list, { $concatArrays: [list, [element]] }] }) as const;

/** The list without the element. */
export const removing = <List, Element>(list: List, element: Element) =>
  ({ $filter: { input: list, cond: { $ne: ["$$this", element] } } }) as const;
