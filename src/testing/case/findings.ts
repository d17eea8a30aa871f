import { didYouMean } from "../../diagnostics/suggest.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP4100.md, as each code below in a page of its own. */
export const notEjson = defineFinding<{ reason: string }>("ASP4100", {
  severity: "error",
  message: ({ reason }) => `this is not an EJSON document: ${reason}`,
  help: "write one document a line, as mongoexport does",
});

export const emptyCase = defineFinding<{ name: string; file: string | undefined }>("ASP4101", {
  severity: "error",
  message: ({ name }) => `case \`${name}\` gives nothing to its processors`,
  help: ({ file }) =>
    file === undefined
      ? "put the events into given/<db>.<coll>.ndjson, one document a line"
      : "write the events into the file, one document a line",
});

export const nobodyWrites = defineFinding<{ collection: string; written: readonly string[] }>("ASP4102", {
  severity: "error",
  message: ({ collection }) => `no processor of this case writes \`${collection}\``,
  notes: ({ written }) => [`its processors write ${written.length === 0 ? "nothing" : written.join(", ")}`],
  help: ({ collection, written }) =>
    didYouMean(collection, written) ?? "remove the file, or name the processor under `processors` in fixture.yaml",
});

export const unknownKey = defineFinding<{ key: string; known: readonly string[]; instead?: string }>("ASP4103", {
  severity: "error",
  message: ({ key }) => `\`${key}\` is not a key that is known here`,
  notes: ({ known }) => [`known: ${known.join(", ")}`],
  help: ({ key, known, instead }) => didYouMean(key, known) ?? instead ?? "remove it",
});

export const unknownProcessor = defineFinding<{ name: string; known: readonly string[] }>("ASP4104", {
  severity: "error",
  message: ({ name }) => `there is no processor \`${name}\``,
  notes: ({ known }) => [known.length === 0 ? "the project has no processors" : `there are: ${known.join(", ")}`],
  help: ({ name, known }) => didYouMean(name, known),
});

export const unknownTrial = defineFinding<{ name: string; known: readonly string[] }>("ASP4105", {
  severity: "error",
  message: ({ name }) => `there is no trial \`${name}\``,
  notes: ({ known }) => [`there are: ${known.join(", ")}`],
  help: ({ name, known }) => didYouMean(name, known),
});

export const wrongValue = defineFinding<{
  what: string;
  expected: string;
  /** What was written, where it is one of a few words. */
  found?: string | undefined;
  words?: readonly string[];
}>("ASP4106", {
  severity: "error",
  message: ({ what, expected }) => `${what} must be ${expected}`,
  help: ({ found, words }) => (found === undefined || words === undefined ? undefined : didYouMean(found, words)),
});

export const unknownFile = defineFinding<{ name: string; expected: string }>("ASP4107", {
  severity: "error",
  message: ({ name, expected }) => `\`${name}\` is not ${expected}`,
  help: ({ name }) =>
    didYouMean(name, ["_steps.yaml", "_dlq.ndjson"]) ??
    "name it <db>.<coll>.ndjson (.json, .yaml and .ts are read under seed/ and given/ too)",
});

export const unknownEntry = defineFinding<{ name: string; meant: string }>("ASP4270", {
  severity: "warning",
  message: ({ name }) => `\`${name}\` is not part of a case, and nothing reads it`,
  notes: () => ["a case has fixture.yaml and the folders seed, given and then"],
  help: ({ meant }) => `rename it to \`${meant}\`, or move it out of the case`,
});

export const notRunYet = defineFinding<{ what: string }>("ASP4108", {
  severity: "error",
  message: ({ what }) => `${what} is not run yet by this version of asp`,
  help: "leave it out for now",
});

export const brokenModule = defineFinding<{ reason: string }>("ASP4109", {
  severity: "error",
  message: ({ reason }) => `this module gives no documents: ${reason}`,
  help: "export by default an array, an iterable, or a (generator) function that returns one",
});

export const nobodyReads = defineFinding<{ collections: readonly string[]; read: readonly string[] }>("ASP4110", {
  severity: "error",
  message: ({ collections }) => `no processor reads ${collections.map((name) => `\`${name}\``).join(" or ")}`,
  notes: ({ read }) => [
    read.length === 0 ? "the project's processors read no collection" : `they read ${read.join(", ")}`,
  ],
  help: ({ collections: [first = ""], read }) => didYouMean(first, read),
});

export const yamlBroken = defineFinding<{ reason: string }>("ASP4116", {
  severity: "error",
  message: ({ reason }) => `this is not YAML: ${reason}`,
});

export const notInserted = defineFinding<{ collection: string; reason: string }>("ASP4117", {
  severity: "error",
  message: ({ collection, reason }) => `mongod refused this write to \`${collection}\`: ${reason}`,
});

export const notProduced = defineFinding<{ topic: string; reason: string }>("ASP4180", {
  severity: "error",
  message: ({ topic, reason }) => `the topic \`${topic}\` does not take this message: ${reason}`,
});

export const noEventTime = defineFinding<{ path: string }>("ASP4119", {
  severity: "error",
  message: ({ path }) => `this document has no time at \`${path}\`, and the case asks for \`order: time\``,
  help: "give it one, or leave `order` out of fixture.yaml",
});

export const noSuchSource = defineFinding<{ source: string; cases: readonly string[] }>("ASP4115", {
  severity: "error",
  message: ({ source }) => `there is no case, folder or file \`${source}\``,
  notes: ({ cases }) => [cases.length === 0 ? "test/fixtures/ holds no case" : `cases: ${cases.join(", ")}`],
  help: ({ source, cases }) => didYouMean(source, cases),
});

export const noEventsCollection = defineFinding<{ into: string | undefined }>("ASP4118", {
  severity: "error",
  message: ({ into }) =>
    into === undefined ? "the config has no `events` to replay a file into" : `\`${into}\` is not a collection`,
  help: "name one with `--into <db>.<coll>`",
});
