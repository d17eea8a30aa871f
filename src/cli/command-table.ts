import type { Command } from "./define-command.ts";

/** The commands in the order in which a newcomer meets them; each file is loaded only when it is used. */
export const commandTable = {
  init: () => import("./commands/init.ts").then((module) => module.init),
  validate: () => import("./commands/validate.ts").then((module) => module.validate),
  compile: () => import("./commands/compile.ts").then((module) => module.compile),
  test: () => import("./commands/test.ts").then((module) => module.test),
  dev: () => import("./commands/dev.ts").then((module) => module.dev),
  replay: () => import("./commands/replay.ts").then((module) => module.replay),
  run: () => import("./commands/run.ts").then((module) => module.run),
  emulator: () => import("./commands/emulator.ts").then((module) => module.emulator),
  plan: () => import("./commands/plan.ts").then((module) => module.plan),
  deploy: () => import("./commands/deploy.ts").then((module) => module.deploy),
  destroy: () => import("./commands/destroy.ts").then((module) => module.destroy),
  rebuild: () => import("./commands/rebuild.ts").then((module) => module.rebuild),
  status: () => import("./commands/status.ts").then((module) => module.status),
  start: () => import("./commands/start.ts").then((module) => module.start),
  stop: () => import("./commands/stop.ts").then((module) => module.stop),
  sample: () => import("./commands/sample.ts").then((module) => module.sample),
  stats: () => import("./commands/stats.ts").then((module) => module.stats),
  logs: () => import("./commands/logs.ts").then((module) => module.logs),
  shell: () => import("./commands/shell.ts").then((module) => module.shell),
  import: () => import("./commands/import.ts").then((module) => module.importCommand),
  dlq: () => import("./commands/dlq.ts").then((module) => module.dlq),
  graph: () => import("./commands/graph.ts").then((module) => module.graph),
  explain: () => import("./commands/explain.ts").then((module) => module.explain),
  doctor: () => import("./commands/doctor.ts").then((module) => module.doctor),
} as const;

export type CommandName = keyof typeof commandTable;

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commandTable, name);
}

export async function loadCommand(name: CommandName): Promise<Command> {
  return await commandTable[name]();
}

/** The one-line summaries, for `asp --help`. */
export async function loadSummaries(): Promise<readonly (readonly [name: string, summary: string])[]> {
  const names = Object.keys(commandTable) as CommandName[];
  const commands = await Promise.all(names.map(loadCommand));
  return commands.map((command) => [usageOf(command), command.summary] as const);
}

function usageOf(command: Command): string {
  return command.operands === undefined ? command.name : `${command.name} ${command.operands.spec}`;
}
