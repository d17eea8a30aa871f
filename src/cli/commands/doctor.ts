import type { Environment } from "../../config/environment.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { CommandContext } from "../context.ts";
import { defineCommand } from "../define-command.ts";
import type { Check } from "../doctor/check.ts";
import { Exit } from "../exit.ts";
import type { OpenProject } from "../open-project.ts";
import { renderCount } from "../render/numbers.ts";
import { toPaint } from "../render/paint.ts";
import { UsageError } from "../usage-error.ts";

const oldestNode = [20, 19] as const;

export const doctor = defineCommand({
  name: "doctor",
  summary: "Say what is missing on this machine or in this environment",
  about:
    "Starts a mongod for a moment, and fetches one where there is none. Where the environment has a workspace, it asks whether the\n" +
    "credentials may operate it, whether it has what the processors need, and, of clusters with a `uri`, whether their oplog, images and\n" +
    "unique indexes do. Shows no secret and changes nothing.",
  examples: ["asp doctor", "asp doctor --env staging --json", "asp doctor -e production --downtime 72"],
  options: {
    downtime: {
      flag: "--downtime <hours>",
      about: "the longest that a processor may stand still; default 24",
      parse: parseHours,
    },
  },
  async run({ options: { downtime: downtimeHours = 24 } }, ctx) {
    const [{ openProject }, { checkMongod }, { checkOperators }, { renderChecks }] = await Promise.all([
      import("../open-project.ts"),
      import("../doctor/check-mongod.ts"),
      import("../doctor/check-operators.ts"),
      import("../doctor/check.ts"),
    ]);
    const mongod = await checkMongod(ctx);
    const project = await openProject(ctx, []);
    const { environment, definitions } = project;
    const checks = [
      checkNode(ctx.runtime.node),
      ...mongod.checks,
      ...(mongod.version === undefined ? [] : checkOperators(mongod.version, definitions)),
      ...checkProject(project),
    ];
    const values = environment === undefined ? { env: ctx.env, findings: [] } : await runCommands(environment, ctx);
    checks.push(...values.findings.map(toCheck));
    if (environment !== undefined && values.findings.length === 0) {
      const own = { ...ctx, env: values.env };
      const [{ checkConnections }, { checkImages }, { checkWorkspace, hasWorkspace }] = await Promise.all([
        import("../doctor/check-connections.ts"),
        import("../doctor/check-images.ts"),
        import("../doctor/check-workspace.ts"),
      ]);
      const workspace = hasWorkspace(environment)
        ? await checkWorkspace(environment, definitions, own)
        : { checks: [] };
      const { region = environment.settings?.region } = workspace;
      const needs = { definitions, downtimeHours, ...(region !== undefined && { region }) };
      const connections = await checkConnections(environment, needs, own);
      const images = checkImages(definitions, environment, connections.reached);
      checks.push(...workspace.checks, ...connections.checks, ...images);
    }
    const errors = checks.filter(({ status }) => status === "error");
    const world = errors.some(({ fault }) => fault === "world");
    return {
      text: renderChecks(checks, toPaint({ color: ctx.color.stdout })),
      json: { ok: errors.length === 0, checks },
      exit: errors.length === 0 ? Exit.ok : world ? Exit.refused : Exit.invalid,
    };
  },
});

/** What commands of the config print for the workspace and the clusters that are looked into. */
async function runCommands(
  environment: Environment,
  ctx: CommandContext,
): Promise<{ readonly env: CommandContext["env"]; readonly findings: readonly Finding[] }> {
  const [{ loadCommandValues }, { managedSettings, remoteSettings }] = await Promise.all([
    import("../../config/load-command-values.ts"),
    import("../remote-settings.ts"),
  ]);
  const addresses = Object.values(environment.connections).map(({ type, uri }) =>
    type === "Cluster" ? uri : undefined,
  );
  return loadCommandValues([remoteSettings(environment), managedSettings(environment), addresses], ctx);
}

function parseHours(text: string): number {
  const hours = Number(text);
  if (!/^\d{1,5}(\.\d+)?$/u.test(text) || hours <= 0) throw new UsageError(`\`${text}\` is no number of hours above 0`);
  return hours;
}

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const name = "node";
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) {
    return { name, status: "ok", detail: version };
  }
  const detail = `${version} is too old: asp needs ${oldestNode.join(".")} or newer`;
  return { name, status: "error", fault: "world", detail };
}

function checkProject({ config, environment, count, findings }: OpenProject): readonly Check[] {
  const errors = findings.filter(({ severity }) => severity === "error");
  if (config === undefined || environment === undefined) return errors.map(toCheck);
  const ofConfig = errors.filter(({ file }) => file === config.file);
  const others = errors.length - ofConfig.length;
  return [
    { name: "config", status: "ok", detail: config.file },
    { name: "environment", status: "ok", detail: `${environment.name}, target ${environment.target}` },
    ...ofConfig.map(toCheck),
    others === 0
      ? { name: "pipelines", status: "ok", detail: renderCount(count, "processor") }
      : {
          name: "pipelines",
          status: "error",
          fault: "project",
          detail: renderCount(others, "error"),
          help: "run `asp validate`",
        },
  ];
}

function toCheck({ code, message, file, line, help }: Finding): Check {
  const place = file === undefined ? "" : `${file}${line === undefined ? "" : `:${line}`}: `;
  return {
    name: "config",
    status: "error",
    fault: "project",
    detail: `${place}${message} (${code})`,
    ...(help === undefined ? {} : { help }),
  };
}
