#!/usr/bin/env node
// The only file that touches the process. Nothing is imported up front: `asp --version` is asked by editors and scripts.
import { Console } from "node:console";
import { readFileSync } from "node:fs";
import type { CliContext, Output } from "./context.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};
const argv = process.argv.slice(2);

if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
  process.stdout.write(`${version}\n`);
} else {
  void main();
}

async function main(): Promise<void> {
  const { loadCode } = await import("./load-code.ts");
  const cwd = process.cwd();
  const { code, keptModules, keep } = await loadCode(argv, { env: process.env, node: process.versions.node, cwd });
  // What a pipeline module prints is no result: only the command itself writes to stdout.
  globalThis.console = new Console(process.stderr);
  const first = new AbortController();
  const second = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    const reason = new code.Interruption(signal === "SIGTERM" ? "SIGTERM" : "SIGINT");
    if (!first.signal.aborted) {
      first.abort(reason);
      return;
    }
    second.abort(reason);
    // A third one finds no handler and ends the process the way the system does.
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  // What nobody awaited fails like what somebody did: the command tidies up, and the end is told once.
  process.on("uncaughtException", (error) => first.abort(error));
  const ctx: CliContext = {
    cwd,
    env: process.env,
    stdout: toOutput(process.stdout),
    stderr: toOutput(process.stderr),
    ...(process.stdin.isTTY && { ask: (question: string) => askOnTerminal(question, first.signal) }),
    version,
    runtime: { node: process.versions.node, platform: `${process.platform} ${process.arch}` },
    signal: first.signal,
    forced: second.signal,
    keptModules,
    lendCtrlC: () => {
      process.off("SIGINT", onSignal).on("SIGINT", ignore);
      return () => void process.off("SIGINT", ignore).on("SIGINT", onSignal);
    },
  };
  const exitCode = await code.run(argv, ctx);
  // A stdout that could not be written to has set it already.
  process.exitCode = process.exitCode === undefined ? exitCode : process.exitCode;
  process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  leaveWhenWritten();
  if (exitCode === 0) keep();
}

function ignore(): void {
  // Who has the terminal hears it, too.
}

/** A connection to a cluster that does not answer would keep the process for ever: once all is written, nothing is left to do. */
function leaveWhenWritten(): void {
  const look = setInterval(() => {
    // oxlint-disable-next-line unicorn/no-process-exit
    if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit();
  }, 1000);
  // By itself it keeps nobody: without an open connection the process has ended before it looks.
  look.unref();
}

async function askOnTerminal(question: string, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import("node:readline");
  // The terminal keeps its own line editing, and Ctrl-C comes as a signal.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    return await new Promise((resolve, reject) => {
      lines.on("close", () => resolve(""));
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      lines.question(question, resolve);
    });
  } finally {
    lines.close();
  }
}

/** Writes until the reader is gone (`asp compile | head`), then drops the rest without a word. */
function toOutput(stream: NodeJS.WriteStream): Output {
  let closed = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    closed = true;
    if (error.code !== "EPIPE") process.exitCode = 3;
  });
  return {
    write: (text) => {
      if (!closed) stream.write(text);
    },
    isTTY: stream.isTTY,
  };
}
