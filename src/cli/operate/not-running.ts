import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP6076.md. */
export const notRunning = defineFinding<{ name: string; state: string }>("ASP6076", {
  severity: "error",
  message: ({ name, state }) => `\`${name}\` is ${state}: only a running processor can be sampled`,
  help: ({ name }) => `run \`asp start ${name}\` first`,
});
