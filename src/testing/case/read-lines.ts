import { createReadStream } from "node:fs";

/** The lines of a text file with their numbers (from 1), without line ends; a byte order mark is dropped. */
export async function* readLines(path: string): AsyncGenerator<{ readonly text: string; readonly line: number }> {
  let rest = "";
  let line = 0;
  for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: 256 * 1024 })) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) {
      line += 1;
      yield { text: clean(text, line), line };
    }
  }
  if (rest !== "") yield { text: clean(rest, line + 1), line: line + 1 };
}

function clean(text: string, line: number): string {
  const whole = line === 1 && text.startsWith("\uFEFF") ? text.slice(1) : text;
  return whole.endsWith("\r") ? whole.slice(0, -1) : whole;
}
