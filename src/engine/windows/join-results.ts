import type { InnerResult } from "./inner-pipeline.ts";

const mostDocuments = 1000;
const mostBytes = 4 * 1024 * 1024;

/**
 * Joins what closed windows give, in its order, as far as it is small: many windows that close together and hold little would
 * otherwise cost a write each.
 */
export async function* joinResults(results: AsyncIterable<InnerResult>): AsyncGenerator<InnerResult> {
  let open: InnerResult = { delivered: [], refused: [] };
  let bytes = 0;
  for await (const result of results) {
    const more = result.delivered.reduce((sum, { document }) => sum + document.length, 0);
    const isFull = open.delivered.length + result.delivered.length > mostDocuments || bytes + more > mostBytes;
    if (isFull && !isEmpty(open)) {
      yield open;
      open = { delivered: [], refused: [] };
      bytes = 0;
    }
    open = {
      delivered: [...open.delivered, ...result.delivered],
      refused: [...open.refused, ...result.refused],
    };
    bytes += more;
  }
  if (!isEmpty(open)) yield open;
}

function isEmpty({ delivered, refused }: InnerResult): boolean {
  return delivered.length === 0 && refused.length === 0;
}
