import type { ProcessorStats } from "../../engine/engine.ts";
import type { Clusters } from "../../engine/open-clusters.ts";
import { defineCommand } from "../define-command.ts";
import { withoutResult } from "../without-result.ts";
import { Exit } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { explainFailure } from "../explain-failure.ts";
import { tierNames } from "../../stages/tiers.ts";
import { countsAsFailure } from "../outcome.ts";
import type { RunResult } from "../run-processors.ts";
import { renderProcessorStats } from "../render/processor-stats.ts";

export const run = defineCommand({
  name: "run",
  summary: "Run processors until stopped, on the clusters of the environment",
  about:
    "Prints a line with READY on stderr once every processor follows its source. Positions are kept in asp_checkpoints; a\n" +
    "processor without one starts from now, or from where its $source says. A processor that fails is reported and the\n" +
    "others go on. SIGTERM and Ctrl-C finish what is in flight; a second one leaves at once.\n\n" +
    "Exit code: 130 after Ctrl-C; otherwise 3 where a processor FAILED, else 0.",
  examples: ["asp run", "asp run orders customers --env staging", "asp run --tier SP10"],
  operands: { spec: "[names...]", about: "processors; default: all" },
  options: {
    tier: {
      flag: "--tier <name>",
      about: "run as on this tier: what it does not allow fails, as on the service",
      choices: tierNames,
    },
  },
  async run({ operands, options: { tier } }, ctx) {
    const [{ openProject }, { openTargets }, { runProcessors }, { renderFinding }, { checkServerVersion }] =
      await Promise.all([
        import("../open-project.ts"),
        import("../open-targets.ts"),
        import("../run-processors.ts"),
        import("../../diagnostics/render-finding.ts"),
        import("../../compiler/check-server-version.ts"),
      ]);
    const { environment, definitions, findings, source } = await openProject(ctx, operands, {
      mustRun: true,
      ...(tier && { tier }),
    });
    if (environment === undefined || countsAsFailure(findings, { strict: false })) {
      return withoutResult(findings, source);
    }
    ctx.detail("connecting");
    const opened = await openTargets(environment, definitions, ctx);
    const { targets } = opened;
    const all = [...findings, ...opened.findings];
    if (targets === undefined) return withoutResult(all, source);
    const { clusters, connections } = targets;
    const { mongod, checkpoints } = clusters;
    if (mongod !== undefined) {
      ctx.progress(`${environment.name}: ${mongod.uri}`);
      ctx.detail(`mongod ${mongod.binary.version}: ${mongod.binary.reason}`);
    }
    ctx.detail(`checkpoints: ${checkpoints.db}.asp_checkpoints on ${checkpoints.cluster.name}`);
    const onFailure = ({ name, error }: ProcessorStats): void => {
      const { finding } = explainFailure(error ?? new Error(`${name} failed`), ctx);
      ctx.stderr.write(`${renderFinding({ ...finding, processor: name }, { color: ctx.color.stderr })}\n`);
    };
    try {
      const version = await readServerVersion(clusters);
      const known = [...all, ...definitions.flatMap((definition) => checkServerVersion(definition, version))];
      if (countsAsFailure(known, { strict: false })) {
        return withoutResult(known, source);
      }
      await ctx.report(known, source);
      const result = await runProcessors(
        { definitions, environment, clusters, connections, onFailure, ...(tier && { tier }) },
        ctx,
      );
      return {
        text: renderProcessorStats(result.processors),
        json: { ...result, processors: result.processors.map(toJson) },
        exit: toExit(result),
      };
    } finally {
      await targets.close();
    }
  },
});

/** Of the mongod that runs the stages. */
async function readServerVersion({ checkpoints }: Clusters): Promise<string> {
  const { version } = await checkpoints.cluster.client.db("admin").command({ buildInfo: 1 });
  return String(version);
}

function toJson({ error, ...stats }: ProcessorStats): object {
  return error === undefined ? stats : { ...stats, error: { code: error.code, message: error.message } };
}

function toExit({ stoppedBy, processors }: RunResult): ExitCode {
  if (stoppedBy === "SIGINT") return Exit.interrupted;
  return processors.some(({ state }) => state === "FAILED") ? Exit.refused : Exit.ok;
}
