/** What the server puts in front of the reason: it speaks of our command. The words differ from version to version. */
const wrappers = /^(?:Plan ?Executor|Executor) error during .*? :: caused by :: /i;

/** The server's reason for refusing a document, without the words that speak of the engine's own command. */
export function serverReason(error: unknown): string {
  let text = error instanceof Error ? error.message : String(error);
  for (let shorter = text.replace(wrappers, ""); shorter !== text; shorter = text.replace(wrappers, "")) text = shorter;
  return text;
}
