/** Longest name of a file or a folder that file systems take, in bytes, with room for what stands behind it. */
const segmentBytesMax = 200;
/** Longest key of an object, in bytes. Source: the limits of Amazon S3 and Azure Blob Storage. */
const keyBytesMax = 1024;

/**
 * The folder that a name in a cloud's storage is captured in, relative to its connection's: one name a level.
 *
 * Whatever a document says stays below that folder, and no file of it is hidden: what is not a letter, a digit or one of
 * `_ . = + , @ -` is written as in a URL.
 *
 * @param names a bucket and a prefix, whose slashes separate levels
 * @returns the reason why there is none where it would be too long
 */
export function toCaptureFolder(
  ...names: readonly string[]
): { readonly folder: string } | { readonly reason: string } {
  const segments = names
    .flatMap((name) => name.split("/"))
    .filter((segment) => segment !== "")
    .map(toSegment);
  const folder = segments.join("/");
  const tooLong = segments.find((segment) => segment.length > segmentBytesMax);
  if (tooLong !== undefined)
    return { reason: `a name of ${tooLong.length} bytes is too long: ${tooLong.slice(0, 40)}…` };
  return folder.length > keyBytesMax ? { reason: `a path of ${folder.length} bytes is too long` } : { folder };
}

/** One name as a name of a file: ASCII, without slashes, not hidden. */
export function toSegment(name: string): string {
  const escaped = name.replaceAll(/[^\w.=+,@-]/gu, (character) =>
    Array.from(new TextEncoder().encode(character), escapeByte).join(""),
  );
  return escaped.startsWith(".") ? `${escapeByte(0x2e)}${escaped.slice(1)}` : escaped;
}

function escapeByte(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
