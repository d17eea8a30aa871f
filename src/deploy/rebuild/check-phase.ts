import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { RebuildRecord } from "./rebuild-record.ts";

/** What is asked for: to build and compare, and what comes after it. */
export type RebuildGoal = "build" | "swap" | "roll-back" | "drop-old" | "abort";

/** Documented in docs/errors/ASP6115.md. */
export const oldIsKept = defineFinding<{ name: string }>("ASP6115", {
  severity: "error",
  message: ({ name }) => `what \`${name}\` was before its last rebuild is still kept`,
  help: "let go of it with `--drop-old`, or go back to it with `--rollback`",
});

/** Documented in docs/errors/ASP6116.md. */
export const hasChanged = defineFinding<{ name: string }>("ASP6116", {
  severity: "error",
  message: ({ name }) => `\`${name}\` has changed since its rebuild began`,
  help: "give that rebuild up with `--abort` and begin anew, or bring back the projection that it builds",
});

/** Documented in docs/errors/ASP6117.md. */
export const notNow = defineFinding<{ option: string; name: string; reason: string; help: string }>("ASP6117", {
  severity: "error",
  message: ({ option, name, reason }) =>
    `there is nothing for \`${option}\` to do: ${reason.replace("%", `\`${name}\``)}`,
  help: ({ help }) => help,
});

/** True where an earlier run has done what is asked for, with the version that the project has: then it need not be done again. */
export function isDone(goal: RebuildGoal, record: RebuildRecord | undefined, digest: string): boolean {
  if (goal === "swap") return record?.phase === "swapped" && record.digest === digest;
  return goal === "roll-back" && record?.phase === "following" && record.before !== undefined;
}

/** Whether a goal fits how far a rebuild has come. `digest`: of the pipeline as the project has it now. */
export function checkPhase(
  goal: RebuildGoal,
  record: RebuildRecord | undefined,
  { name, digest }: { readonly name: string; readonly digest: string },
): readonly Finding[] {
  const at = { processor: name };
  const refuse = (option: string, reason: string, help: string) => [notNow(at, { option, name, reason, help })];
  const phase = record?.phase;
  switch (goal) {
    case "build":
    case "swap":
      if (phase === "swapped") return [oldIsKept(at, { name })];
      if (phase === "rolling-back") {
        return refuse("asp rebuild", "a rollback of % was interrupted", "finish it with `--rollback`");
      }
      if (goal === "swap" && record === undefined) {
        return refuse("--swap", "no rebuild of % is under way", "leave it out: first the new version is built");
      }
      // What has begun to swap is what was built, whatever the project says by now.
      return record !== undefined && phase !== "swapping" && record.digest !== digest ? [hasChanged(at, { name })] : [];
    case "roll-back":
      if (phase === "rolling-back") return [];
      if (phase !== "swapped") {
        const [reason, help] =
          phase === "swapping"
            ? ["the swap of % was interrupted", "finish it first: run `asp rebuild` again"]
            : ["no version of % from before a rebuild is kept", "run `asp rebuild` to build a new one"];
        return refuse("--rollback", reason ?? "", help ?? "");
      }
      return record?.before?.collection === true
        ? []
        : refuse(
            "--rollback",
            "before its rebuild % had no collection",
            "drop its processor and its collection by hand",
          );
    case "drop-old":
      return phase === "swapped"
        ? []
        : refuse("--drop-old", "no version of % from before a rebuild is kept", "leave it out");
    case "abort":
      return phase === "filling" || phase === "following"
        ? []
        : refuse(
            "--abort",
            phase === undefined
              ? "no rebuild of % is under way"
              : "the new version of % has begun to take the old one's place",
            phase === undefined ? "leave it out" : "finish it with `asp rebuild`, then go back with `--rollback`",
          );
  }
}
