/** What the server puts in front of the reason, and what our own `$documents` adds to it. */
const wrappers =
  /^(?:PlanExecutor error during aggregation|Executor error during \w+(?: command)?(?: on namespace [^:]*)?|Plan executor error during \w+) :: caused by :: /;

/** The server's reason for refusing a document, without the words that speak of the engine's own command. */
export function serverReason(error: unknown): string {
  let text = error instanceof Error ? error.message : String(error);
  for (let shorter = text.replace(wrappers, ""); shorter !== text; shorter = text.replace(wrappers, "")) text = shorter;
  return text;
}
