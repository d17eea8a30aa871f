import { expect, test } from "vitest";
import { parseConfig } from "../../src/config/parse-config.ts";
import { resolveConnection } from "../../src/config/resolve-connection.ts";
import { resolveEnvironment } from "../../src/config/resolve-environment.ts";
import { readExamples } from "../diagnostics/error-page.ts";
import { shownBy } from "../diagnostics/shown-pages.ts";

/** All findings that a config file leads to, in any of its environments. */
function findingsOf(text: string): readonly string[] {
  const { config, findings } = parseConfig(text, "atlas.config.yaml");
  if (config === undefined) return findings.map(({ code }) => code);
  const resolved = Object.keys(config.environments).map((name) => resolveEnvironment(config, name));
  const addresses = resolved.flatMap(({ environment }) =>
    environment === undefined ? [] : ["events", "domain"].map((name) => resolveConnection(environment, name, {})),
  );
  const refused = addresses.flatMap((address) => (address.kind === "unknown" ? [address.finding] : []));
  return [...findings, ...resolved.flatMap((result) => result.findings), ...refused].map(({ code }) => code);
}

test.each(shownBy.configs)("the page of %s shows what leads to it and what does not", (code) => {
  const { wrong, right } = readExamples(code);
  expect(wrong).toHaveLength(1);
  expect(right).toHaveLength(1);
  expect(findingsOf(wrong[0]?.text ?? "")).toContain(code);
  // Examples are short: not every one has both connections that are asked for here.
  const left = findingsOf(right[0]?.text ?? "").filter((other) => other !== "ASP4014");
  expect(left).toEqual([]);
});
