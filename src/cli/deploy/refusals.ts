import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP6040.md. */
export const noPlan = defineFinding<{ path: string }>("ASP6040", {
  severity: "error",
  message: ({ path }) => `\`${path}\` is no plan that this version of asp has made`,
  help: "make one with `asp plan --out`",
});

/** Documented in docs/errors/ASP6041.md. */
export const planForAnother = defineFinding<{ path: string; what: string; plan: string; own: string }>("ASP6041", {
  severity: "error",
  message: ({ path, what, plan, own }) => `\`${path}\` was made for the ${what} \`${plan}\`, and not for \`${own}\``,
  help: ({ what }) =>
    what === "environment" ? "leave `-e` out, or plan again" : "plan again: the config has another workspace now",
});

/** Documented in docs/errors/ASP6043.md. */
export const losesCheckpoint = defineFinding<{ name: string; reason: string; lost: readonly string[] }>("ASP6043", {
  severity: "error",
  message: ({ name, reason }) => `\`${name}\` would lose its checkpoint: ${reason}`,
  notes: ({ lost }) => lost.map((each) => `lost: ${each}`),
  help: "add `--allow-checkpoint-loss` if that is wanted, or build the read model anew with `asp rebuild`",
});
