import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP4030.md, whose examples are run as tests. */
export const unknownConnection = defineFinding<{ name: string; environment: string; known: readonly string[] }>(
  "ASP4030",
  {
    severity: "error",
    message: ({ name, environment }) => `the environment ${quote(environment)} has no connection ${quote(name)}`,
    notes: ({ known }) => [
      known.length === 0 ? "it has no connections at all" : `it has ${known.map(quote).join(", ")}`,
    ],
    help: ({ name, known }) => didYouMean(name, known) ?? `add it under \`connections\` in atlas.config.yaml`,
  },
);
