import { Worker } from "node:worker_threads";

/** One call, as Lambda has it. */
export interface FunctionCall {
  /** JSON. */
  readonly event: string;
  readonly functionName: string;
  readonly requestId: string;
  readonly timeLimitMs: number;
}

/** What came of a call: JSON of what the function gave, or of why it gave nothing. */
export type FunctionOutcome =
  | { readonly kind: "returned"; readonly json: string }
  | { readonly kind: "failed"; readonly json: string };

/** A function in a thread of its own, which does one thing at a time and is ended when that takes too long. */
export interface FunctionWorker {
  /** Rejects with Error where the module cannot be loaded, or has not been after so many milliseconds. */
  load(limitMs: number): Promise<void>;
  call(call: FunctionCall): Promise<FunctionOutcome>;
  /** True once it can take no more calls. */
  readonly isOver: boolean;
  end(): Promise<void>;
}

type Answer = { readonly kind: "loaded" } | { readonly kind: "refused"; readonly message: string } | FunctionOutcome;

/** @param code an ES module that imports nothing but Node's own */
export function startFunctionWorker(code: string): FunctionWorker {
  const worker = new Worker(running, {
    eval: true,
    workerData: `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`,
    // What this process was started with is not meant for it.
    execArgv: [],
  });
  worker.unref();
  let isOver = false;
  let settle: ((answer: Answer | Error) => void) | undefined;
  const hear = (answer: Answer | Error): void => {
    settle?.(answer);
    settle = undefined;
  };
  worker.on("message", hear);
  worker.on("error", (error) => {
    isOver = true;
    hear(error);
  });
  worker.on("exit", () => {
    isOver = true;
    hear(new Error("it has ended the thread that it runs in"));
  });

  /** The next answer; the thread is ended where there is none in time. */
  const answerWithin = async (limitMs: number, ask: () => void): Promise<Answer | Error | undefined> => {
    if (isOver) return new Error("its thread has ended");
    worker.ref();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Answer | Error | undefined>((resolve) => {
        settle = resolve;
        timer = setTimeout(() => {
          settle = undefined;
          resolve(undefined);
        }, limitMs);
        ask();
      });
    } finally {
      clearTimeout(timer);
      worker.unref();
    }
  };

  const end = async (): Promise<void> => {
    isOver = true;
    await worker.terminate();
  };

  return {
    load: async (limitMs) => {
      const answer = await answerWithin(limitMs, () => worker.postMessage("load", []));
      if (answer !== undefined && !(answer instanceof Error) && answer.kind === "loaded") return;
      await end();
      if (answer === undefined) throw new Error(`it has not been loaded after ${limitMs / 1000} s`);
      throw answer instanceof Error ? answer : new Error("message" in answer ? answer.message : answer.json);
    },
    call: async (call) => {
      const answer = await answerWithin(call.timeLimitMs, () => worker.postMessage(call, []));
      if (answer !== undefined && !(answer instanceof Error) && "json" in answer) return answer;
      await end();
      if (answer === undefined) {
        return failed("Sandbox.Timedout", `Task timed out after ${call.timeLimitMs / 1000} s`);
      }
      return failed("Runtime.ExitError", answer instanceof Error ? answer.message : "it has not answered");
    },
    get isOver() {
      return isOver;
    },
    end,
  };
}

/** Names of errors: those of Lambda. */
function failed(errorType: string, errorMessage: string): FunctionOutcome {
  return { kind: "failed", json: JSON.stringify({ errorType, errorMessage }) };
}

/**
 * The other thread, as a text: it must run as it stands whatever has compiled this file. What the function prints goes to stderr, for stdout
 * is the command's own.
 */
const running = `
const { parentPort, workerData } = require("node:worker_threads");
const { Console } = require("node:console");
Object.defineProperty(process, "stdout", { value: process.stderr });
globalThis.console = new Console(process.stderr);
let run;
const describe = (error) => error instanceof Error
  ? { errorType: error.name, errorMessage: error.message }
  : { errorType: typeof error, errorMessage: String(error) };
const load = async () => {
  try {
    ({ default: run } = await import(workerData));
    if (typeof run !== "function") throw new Error("it exports no function by default");
    parentPort.postMessage({ kind: "loaded" });
  } catch (error) {
    parentPort.postMessage({ kind: "refused", message: describe(error).errorMessage });
  }
};
const call = async ({ event, functionName, requestId, timeLimitMs }) => {
  const endsAt = performance.now() + timeLimitMs;
  const context = {
    functionName,
    awsRequestId: requestId,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endsAt - performance.now())),
  };
  try {
    const result = await run(JSON.parse(event), context);
    const json = JSON.stringify(result === undefined ? null : result);
    if (json === undefined) throw new Error("it has returned " + typeof result + ", which is no JSON");
    parentPort.postMessage({ kind: "returned", json });
  } catch (error) {
    parentPort.postMessage({ kind: "failed", json: JSON.stringify(describe(error)) });
  }
};
parentPort.on("message", (asked) => (asked === "load" ? load() : call(asked)));
`;
