/** What a list was asked for. */
export interface PageRequest {
  /** 1 to 500. */
  readonly itemsPerPage: number;
  /** From 1. */
  readonly pageNum: number;
  readonly includeCount: boolean;
}

export interface Page<Item> {
  readonly links: readonly { readonly href: string; readonly rel: string }[];
  readonly results: readonly Item[];
  readonly totalCount?: number;
}

/**
 * Cuts a page out of a list.
 *
 * @param self address of the request, with its query
 */
export function toPage<Item>(all: readonly Item[], request: PageRequest, self: URL): Page<Item> {
  const { itemsPerPage, pageNum, includeCount } = request;
  const results = all.slice((pageNum - 1) * itemsPerPage, pageNum * itemsPerPage);
  const link = (rel: string, page: number): Page<Item>["links"][number] => {
    const href = new URL(self);
    href.searchParams.set("itemsPerPage", String(itemsPerPage));
    href.searchParams.set("pageNum", String(page));
    return { href: href.href, rel };
  };
  const hasNext = pageNum * itemsPerPage < all.length;
  return {
    links: [
      link("self", pageNum),
      ...(pageNum > 1 ? [link("previous", pageNum - 1)] : []),
      ...(hasNext ? [link("next", pageNum + 1)] : []),
    ],
    results,
    ...(includeCount ? { totalCount: all.length } : {}),
  };
}
