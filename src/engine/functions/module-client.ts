import { randomUUID } from "node:crypto";
import { AspError } from "../../diagnostics/asp-error.ts";
import type { HttpClient, HttpResponse } from "../http/send-request.ts";
import { bundleFunction } from "./bundle-function.ts";
import { startFunctionWorker, type FunctionWorker } from "./function-worker.ts";

/** A function of the config's `functions`. */
export interface FunctionModule {
  /** Of the processor that calls it. */
  readonly processor: string;
  readonly functionName: string;
  /** Absolute path. */
  readonly module: string;
  readonly timeoutSec?: number | undefined;
}

/** Answers calls as Lambda does, by running a module of the user's. */
export interface ModuleClient extends HttpClient {
  /** Rejects with AspError ASP5146 where the module cannot be run at all. */
  load(): Promise<void>;
}

/** So long a function may take where the config does not say. Source: Lambda's own default. */
const defaultTimeoutSec = 3;
/** … and so long until it is loaded. Source: the limits of Lambda's init phase. */
const loadMs = 10_000;

/**
 * Calls that are under way at the same time run in a thread each, and a thread is used again: one that is in a loop holds up nobody, and takes
 * no other call with it when it is ended.
 */
export function createModuleClient(options: FunctionModule): ModuleClient {
  const { functionName, module } = options;
  const timeLimitMs = (options.timeoutSec ?? defaultTimeoutSec) * 1000;
  const all = new Set<FunctionWorker>();
  const idle: FunctionWorker[] = [];
  let code: Promise<string> | undefined;

  const open = async (): Promise<FunctionWorker> => {
    try {
      const worker = startFunctionWorker(await (code ??= bundleFunction(module)));
      all.add(worker);
      await worker.load(loadMs);
      return worker;
    } catch (cause) {
      throw cannotRun(options, cause);
    }
  };

  const take = async (): Promise<FunctionWorker> => {
    for (let worker = idle.pop(); worker !== undefined; worker = idle.pop()) {
      if (!worker.isOver) return worker;
      all.delete(worker);
    }
    return open();
  };

  const send: HttpClient["send"] = async ({ body = "null" }, signal) => {
    const startedAt = performance.now();
    signal.throwIfAborted();
    const worker = await take();
    const leave = (): void => void worker.end();
    signal.addEventListener("abort", leave, { once: true });
    try {
      const call = { event: body, functionName, requestId: randomUUID(), timeLimitMs };
      const { kind, json } = await worker.call(call);
      signal.throwIfAborted();
      return answer(kind === "failed" ? { "x-amz-function-error": "Unhandled" } : {}, json, startedAt);
    } finally {
      signal.removeEventListener("abort", leave);
      if (worker.isOver) all.delete(worker);
      else idle.push(worker);
    }
  };

  return {
    send,
    load: async () => void idle.push(await take()),
    close: () => {
      for (const worker of all) void worker.end();
      all.clear();
    },
  };
}

function answer(headers: HttpResponse["headers"], json: string, startedAt: number): HttpResponse {
  const timeMs = Math.round(performance.now() - startedAt);
  return { status: 200, statusText: "OK", headers, body: new TextEncoder().encode(json), timeMs };
}

function cannotRun({ processor, functionName, module }: FunctionModule, cause: unknown): AspError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AspError("ASP5146", `\`${processor}\` cannot call \`${functionName}\`: ${module}: ${reason}`, {
    help: "export the function by default: `export default async (event, context) => result`",
    cause,
  });
}
