import { basename } from "node:path";
import { checkRegistryName } from "../config/registry-name.ts";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding, Place } from "../diagnostics/finding.ts";
import type { ExportedProcessor } from "./check-exports.ts";

/** Documented in docs/errors/ASP4056.md. */
export const sameName = defineFinding<{ name: string; others: readonly Place[] }>("ASP4056", {
  severity: "error",
  message: ({ name }) => `two processors are named \`${name}\``,
  notes: ({ others }) => others.map(({ file, line, column }) => `another one is at ${file}:${line}:${column}`),
  help: "rename one of them",
});

/** Documented in docs/errors/ASP4057.md. */
export const fileNameDiffers = defineFinding<{ name: string; file: string }>("ASP4057", {
  severity: "warning",
  message: ({ name, file }) => `the processor \`${name}\` is in a file named \`${file}\``,
  notes: () => [
    "the name in the module decides; the file is only easier to find when it has the same",
    "a processor that is renamed is a new one: it starts without the old one's checkpoint, and the old one runs until it is dropped",
  ],
  help: ({ name, file }) => `rename the file to \`${name}${file.slice(file.lastIndexOf("."))}\`, or the processor`,
});

/** Names across the whole project. */
export function checkNames(
  processors: readonly ExportedProcessor[],
  at: (value: object, key?: string) => Place | undefined,
): readonly Finding[] {
  const byName = new Map<string, ExportedProcessor[]>();
  for (const processor of processors) {
    const { name } = processor.value;
    // A missing name is the compiler's finding.
    if (typeof name !== "string") continue;
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [processor]);
    else same.push(processor);
  }
  const namePlace = ({ value, place }: ExportedProcessor): Place => at(value, "name") ?? place;
  return processors.flatMap((processor) => {
    const { name } = processor.value;
    const same = byName.get(name) ?? [];
    const findings: Finding[] = [];
    if (same.length > 1) {
      const others = same.filter((other) => other !== processor).map(namePlace);
      findings.push(sameName({ processor: name, place: namePlace(processor) }, { name, others }));
    }
    const file = basename(processor.place.file);
    // What no processor should be called (ASP4045), no file may be called either.
    const isGood = checkRegistryName("processor", name) === undefined;
    if (same.length > 0 && processor.isAlone && isGood && file.replace(/\.\w+$/, "") !== name) {
      findings.push(fileNameDiffers({ processor: name, place: namePlace(processor) }, { name, file }));
    }
    return findings;
  });
}
