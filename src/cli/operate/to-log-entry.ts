/** A line of a log as a value: what it says where it is a document of JSON, otherwise its text. */
export function toLogEntry(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : line;
  } catch {
    return line;
  }
}
