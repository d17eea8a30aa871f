import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";

type Source = (file: string) => string | undefined;

/** Fixtures may be of any size, and a finding shows one line. */
const largestBytes = 4 * 1_024 * 1_024;

/** The text of a file that a finding points into: what was loaded already, or else what the disk has. */
export function readSource(cwd: string, loaded: Source = () => undefined): Source {
  const texts = new Map<string, string | undefined>();
  return (file) => {
    if (!texts.has(file)) texts.set(file, loaded(file) ?? readSmallFile(resolve(cwd, file)));
    return texts.get(file);
  };
}

function readSmallFile(path: string): string | undefined {
  try {
    return statSync(path).size > largestBytes ? undefined : readFileSync(path, "utf8");
  } catch {
    // The finding stands without its line.
    return undefined;
  }
}
