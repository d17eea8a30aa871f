import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Stall } from "./until-stalled.ts";

/** Documented in docs/errors/ASP4052.md. */
export const threwOnLoad = defineFinding<{ thrown: string }>("ASP4052", {
  severity: "error",
  message: ({ thrown }) => `this module fails while it is loaded: ${thrown}`,
  help: "correct what throws; a pipeline module is run only to build its pipeline",
});

/** Documented in docs/errors/ASP4170.md. */
export const processRefused = defineFinding<{ member: string }>("ASP4170", {
  severity: "error",
  message: ({ member }) => `this module uses \`${member}\`, which is asp's own`,
  notes: () => ["pipeline modules are run inside asp's process"],
  help: ({ member }) =>
    member.startsWith("process.stdout.")
      ? "print with `console.log`, which goes to stderr"
      : "take it out; throw an error where the pipeline cannot be built",
});

/** Documented in docs/errors/ASP4171.md. */
export const neverLoaded = defineFinding<{ stall: Stall }>("ASP4171", {
  severity: "error",
  message: ({ stall }) =>
    stall === "idle"
      ? "this module waits for what never comes"
      : `this module waits, and has not been loaded after ${stall / 1000} s`,
  help: "await only what ends soon; a pipeline module is run only to build its pipeline",
});

/** Documented in docs/errors/ASP4172.md. */
export const uncaughtInModule = defineFinding<{ thrown: string }>("ASP4172", {
  severity: "error",
  message: ({ thrown }) => `this module starts what fails, and nothing catches it: ${thrown}`,
  help: "await it, or catch what it throws",
});

/** Documented in docs/errors/ASP4174.md. */
export const neverEnds = defineFinding<{ timeLimit: number; what?: string }>("ASP4174", {
  severity: "error",
  message: ({ timeLimit, what = "this module" }) =>
    `${what} runs without an end: nothing has stopped it within ${timeLimit / 1000} s`,
  help: "give the loop an end; a pipeline module and its handlers are run only to build a pipeline",
});
