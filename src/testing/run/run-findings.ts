import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Trial } from "../case/trial.ts";

/** Documented in docs/errors/ASP4111.md, as each code below in a page of its own. */
export const missingThen = defineFinding<{ collection: string; processors: readonly string[] }>("ASP4111", {
  severity: "error",
  message: ({ collection, processors }) =>
    `\`${collection}\` is written by ${processors.map((name) => `\`${name}\``).join(", ")}, and nothing says what it should hold`,
  notes: () => ["with CI set, each collection that a case writes needs its file under then/"],
  help: "run `asp test --update` and check what it writes",
});

export const nothingCompared = defineFinding<{ name: string; window: string | undefined }>("ASP4271", {
  severity: "warning",
  message: ({ name }) =>
    `case ${name} passes whatever its processors do: they have written nothing, and it has no then/`,
  notes: ({ window }) =>
    window === undefined ? [] : [`a window of \`${window}\` that the watermark has not closed writes nothing`],
  help: ({ name, window }) =>
    window === undefined
      ? "give events that lead to a document, or say with an empty file under then/ that there is none"
      : `see with \`asp test ${name} --explain-time\` which windows are open, and give an event that closes them`,
});

interface Differing {
  readonly trial: Trial;
  /** What differs, a line each. */
  readonly lines: readonly string[];
}

export const differs = defineFinding<Differing & { case: string; waiting: string | undefined }>("ASP4112", {
  severity: "error",
  message: ({ case: name, lines }) => `case ${name}: ${lines[0] ?? ""}`,
  notes: ({ case: name, lines, waiting }) => [
    ...rest(lines),
    ...(waiting === undefined
      ? []
      : [
          `a window of \`${waiting}\` that the watermark has not closed stays open: \`asp test ${name} --explain-time\` shows which`,
        ]),
  ],
  help: "correct the processor, or run `asp test --update` if what it does now is right",
});

export const failed = defineFinding<{ processor: string; trial: Trial; reason: string; help: string | undefined }>(
  "ASP4113",
  {
    severity: "error",
    message: ({ processor, trial, reason }) => `\`${processor}\` FAILED in trial ${trial}: ${reason}`,
    help: ({ help }) => help,
  },
);

export const notRepeatable = defineFinding<Differing & { case: string; isOrder: boolean }>("ASP4114", {
  severity: "error",
  message: ({ trial, lines }) => `trial ${trial} ends in another state than it should: ${lines[0] ?? ""}`,
  notes: ({ trial, lines }) => [whatTrialDoes[trial], ...rest(lines)],
  help: ({ isOrder }) =>
    isOrder
      ? "sort the array with `$sortArray`: its elements are the same in another order, and `$addToSet` promises none"
      : "make the write safe to repeat: a projection with a guard, or a $merge that replaces instead of adding",
});

const whatTrialDoes: Readonly<Record<Trial, string>> = {
  straight: "straight runs everything once",
  "one-per-batch":
    "one-per-batch hands each of the first 500 events over alone, so the result depends on how events are batched",
  redelivered: "redelivered hands the documents of each batch to the sink twice, as a crash before a checkpoint does",
  restarted: "restarted kills the processors and lets them continue from their checkpoint, up to 25 times",
};

const shown = 5;

function rest(lines: readonly string[]): readonly string[] {
  const more = lines.length - shown;
  return [
    ...lines.slice(1, shown),
    ...(more > 0 ? [`and ${more} more ${more === 1 ? "difference" : "differences"}`] : []),
  ];
}
