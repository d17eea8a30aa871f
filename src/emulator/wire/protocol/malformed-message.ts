/** Bytes that are no message, after which nothing on their connection can be trusted. The text says what is wrong and holds nothing of them. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}
