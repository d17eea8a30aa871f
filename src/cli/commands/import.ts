import { defineCommand } from "../define-command.ts";
import { findingsToJson } from "../../diagnostics/findings-to-json.ts";
import type { Outcome } from "../outcome.ts";
import { UsageError } from "../usage-error.ts";
import { withoutResult } from "../without-result.ts";

export const importCommand = defineCommand({
  name: "import",
  summary: "Write a module from a processor that runs, or from a JSON definition",
  about:
    "A name is that of a processor of the environment's workspace; what ends in .json is a file: one definition or a list, as asp compile\n" +
    "writes it, mongosh prints it (EJSON) or the Admin API returns it. The module goes to pipelines/, with the names that the config has\n" +
    "for connections, databases and collections. It is loaded and compiled again, and what differs from the original is said.",
  examples: [
    "asp import orders -e production",
    "asp import orders.json --out pipelines/orders.ts",
    "asp import orders -e production --sample 100",
  ],
  operands: { spec: "<name|file.json>", about: "a processor of the workspace, or a file" },
  options: {
    out: { flag: "--out <file>", about: "in place of pipelines/<name>.ts" },
    force: { flag: "--force", about: "write over a module that is there" },
    sample: {
      flag: "--sample <count>",
      about: "so many of the newest documents of its source as a first fixture case",
      parse: parseCount,
    },
  },
  async run({ operands, options }, ctx): Promise<Outcome> {
    const [what = ""] = operands;
    const { out, force, sample } = options;
    const { openProject } = await import("../open-project.ts");
    const before = await openProject(ctx, []);
    const { environment } = before;
    if (environment === undefined) {
      const { findings, source } = before;
      return withoutResult(findings, source);
    }
    const { findDefinitions } = await import("../import/find-definitions.ts");
    const { definitions, origin, findings: unread } = await findDefinitions(what, environment, ctx);
    if (unread.length > 0) return withoutResult(unread);
    if (out !== undefined && definitions.length > 1) {
      throw new UsageError(`--out takes one processor, and \`${what}\` has ${definitions.length}`, "leave it out");
    }
    const { writeModules } = await import("../import/write-modules.ts");
    const { modules, findings: refused } = await writeModules(
      definitions,
      { origin, out, force, environment, names: before.names },
      ctx,
    );
    if (refused.length > 0) return withoutResult(refused);

    const names = definitions.map(({ name }) => name);
    const after = await openProject(ctx, names);
    // A module that lies elsewhere is none of the project's.
    const told = after.findings.filter(({ code }) => code !== "ASP4150");
    const findings = [...told, ...modules.flatMap((module) => module.findings)];
    const fixtures: string[] = [];
    if (sample !== undefined) {
      const [{ openRemoteClusters }, { writeSample }] = await Promise.all([
        import("../../deploy/clusters/open-remote-clusters.ts"),
        import("../import/write-sample.ts"),
      ]);
      await using clusters = openRemoteClusters(environment, ctx);
      for (const definition of definitions) {
        const sampled = await writeSample(definition, sample, { cwd: ctx.cwd, environment, clusters });
        fixtures.push(...sampled.files);
        findings.push(...sampled.findings);
      }
    }
    const json = {
      modules: modules.map(({ name, file, findings: differing }) => ({ name, file, equal: differing.length === 0 })),
      fixtures,
      findings: findingsToJson(findings).findings,
    };
    const text = [
      ...json.modules.map(
        ({ file, equal }) => `${file} written${equal ? ", and compiles to the same definition" : ""}`,
      ),
      ...fixtures.map((file) => `${file} written`),
      ...(fixtures.length > 0 ? ["to have what comes out written down: asp test --update"] : []),
    ].join("\n");
    return { text, json, findings, source: after.source };
  },
});

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 100_000) throw new UsageError("a whole number from 1 to 100000");
  return count;
}
