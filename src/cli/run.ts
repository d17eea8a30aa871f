import { commandTable, isCommandName, loadCommand, loadSummaries } from "./command-table.ts";
import { Interruption } from "./context.ts";
import type { CliContext, CommandContext } from "./context.ts";
import { Exit, exitOf } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { explainFailure, explainLateFailure } from "./explain-failure.ts";
import { findCommand } from "./find-command.ts";
import type { GlobalOptions } from "./global-options.ts";
import { countsAsFailure } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import { renderHelp } from "./render/help.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Runs one command line and says with which code the process is to end; never throws.
 *
 * Four kinds of failure: findings are values in the outcome (1), a {@link UsageError} is the command line's (64), an
 * AspError is the world's (3), anything else is ours (70). An interruption is none of them (130, 143).
 */
export async function run(argv: readonly string[], ctx: CliContext): Promise<ExitCode> {
  const before = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  const json = before.includes("--json");
  try {
    return await dispatch(argv, ctx);
  } catch (error) {
    const { reason } = ctx.signal;
    if (reason instanceof Interruption) return reportInterruption(reason, ctx, json);
    if (error instanceof UsageError) return reportUsage(error, ctx, json);
    return await reportFailure(reason ?? error, ctx, {
      json,
      verbose: before.includes("-v") || before.includes("--verbose"),
    });
  }
}

async function dispatch(argv: readonly string[], ctx: CliContext): Promise<ExitCode> {
  const found = findCommand(argv);
  const asksHelp = found.name === "help";
  const { name, rest } = asksHelp ? findCommand(found.rest) : found;
  if (name === undefined) return await withoutCommand(rest, ctx, asksHelp);
  if (!isCommandName(name)) throw await unknownCommand(name);

  const { parseCommandLine } = await import("./parse-command-line.ts");
  const command = await loadCommand(name);
  const parsed = parseCommandLine(command, asksHelp ? ["--help"] : rest);
  if (parsed.kind === "help") {
    ctx.stdout.write(parsed.text);
    return Exit.ok;
  }
  const context = toCommandContext(ctx, parsed.globals);
  const outcome = await command.run(parsed.invocation, context);
  const { aborted, reason } = ctx.signal;
  // What nobody awaited failed meanwhile; of an interruption, the command has made what it wants.
  if (aborted && !(reason instanceof Interruption)) throw reason;
  return await report(outcome, context);
}

async function withoutCommand(rest: readonly string[], ctx: CliContext, asksHelp: boolean): Promise<ExitCode> {
  if (rest.includes("--version") || rest.includes("-V")) {
    ctx.stdout.write(rest.includes("--json") ? `${JSON.stringify({ version: ctx.version })}\n` : `${ctx.version}\n`);
    return Exit.ok;
  }
  const help = renderHelp(await loadSummaries());
  if (asksHelp || rest.includes("--help") || rest.includes("-h")) {
    ctx.stdout.write(help);
    return Exit.ok;
  }
  const { parseCommandLine } = await import("./parse-command-line.ts");
  // Read as if for a command without options, so that a misspelt global option is what is complained about.
  parseCommandLine({ name: "<command>", summary: "", examples: [], options: {}, run: neverRun }, rest);
  throw new UsageError("no command given", help.trimEnd());
}

function neverRun(): Promise<Outcome> {
  throw new Error("a command that only parses was run");
}

async function unknownCommand(name: string): Promise<UsageError> {
  const { suggest } = await import("../diagnostics/suggest.ts");
  const near = suggest(name, Object.keys(commandTable));
  return new UsageError(
    `unknown command \`${name}\``,
    near === undefined ? "run `asp --help` for the commands there are" : `did you mean \`asp ${near}\`?`,
  );
}

function toCommandContext(ctx: CliContext, globals: GlobalOptions): CommandContext {
  const plain = globals.noColor || (ctx.env["NO_COLOR"] ?? "") !== "" || ctx.env["TERM"] === "dumb";
  const color = { stdout: !plain && ctx.stdout.isTTY, stderr: !plain && ctx.stderr.isTTY };
  return {
    ...ctx,
    globals,
    color,
    report: async (findings, source) => {
      if (findings.length === 0) return;
      const { renderFindings } = await import("../diagnostics/render-finding.ts");
      const { readSource } = await import("./read-source.ts");
      const options = { source: readSource(ctx.cwd, source), color: color.stderr };
      ctx.stderr.write(endLine(renderFindings(findings, options)));
    },
    progress: (line) => {
      if (!globals.quiet) ctx.stderr.write(`${line}\n`);
    },
    detail: (line) => {
      if (globals.verbose) ctx.stderr.write(`${line}\n`);
    },
  };
}

async function report(outcome: Outcome, ctx: CommandContext): Promise<ExitCode> {
  const { findings = [], findingsOnStdout = false, source, strict = false } = outcome;
  if (!findingsOnStdout || !ctx.globals.quiet) await ctx.report(findings, source);
  const text = ctx.globals.json ? (outcome.jsonText ?? JSON.stringify(outcome.json, undefined, 2)) : outcome.text;
  if (text !== "") ctx.stdout.write(endLine(text));
  return outcome.exit ?? (countsAsFailure(findings, { strict }) ? Exit.invalid : Exit.ok);
}

function reportUsage(error: UsageError, ctx: CliContext, json: boolean): ExitCode {
  ctx.stderr.write(`asp: ${error.message}\n${error.help === undefined ? "" : `${error.help}\n`}`);
  if (json) writeError(ctx, { message: error.message, ...(error.help === undefined ? {} : { help: error.help }) });
  return Exit.usage;
}

function reportInterruption({ signal }: Interruption, ctx: CliContext, json: boolean): ExitCode {
  ctx.stderr.write(`asp: interrupted by ${signal}\n`);
  if (json) writeError(ctx, { message: `interrupted by ${signal}` });
  return exitOf(signal);
}

async function reportFailure(
  error: unknown,
  ctx: CliContext,
  options: { readonly json: boolean; readonly verbose: boolean },
): Promise<ExitCode> {
  const { finding, exit, stack } = explainLateFailure(error, ctx) ?? explainFailure(error, ctx);
  const { renderFinding } = await import("../diagnostics/render-finding.ts");
  ctx.stderr.write(endLine(renderFinding(finding, { color: false })));
  if (options.verbose && stack !== undefined) ctx.stderr.write(endLine(stack));
  const { findingToJson } = await import("../diagnostics/findings-to-json.ts");
  if (options.json) writeError(ctx, findingToJson(finding));
  return exit;
}

/** With `--json` a failure, too, is one JSON value. */
function writeError(ctx: CliContext, error: object): void {
  ctx.stdout.write(`${JSON.stringify({ error }, undefined, 2)}\n`);
}

function endLine(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
