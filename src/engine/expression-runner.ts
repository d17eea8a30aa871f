import type { Document } from "bson";
import { AspError } from "../diagnostics/asp-error.ts";
import {
  rewriteEngineExpressions,
  runsJavaScript,
  usesBinaryConversions,
  usesEngineExpressions,
} from "../expressions/engine-expressions.ts";
import { isDocumentError, isInterrupted, JavaScriptTimeout } from "./core/document-error.ts";
import { serverReason } from "./core/server-reason.ts";
import type { StageRunner } from "./stage-runner.ts";

/** So long may the JavaScript of one command run. Beyond it, documents are taken one by one; one that needs longer is a dead letter. */
const javaScriptMs = 5000;

/**
 * Has a runner take stages with expressions that only Stream Processing has, and gives JavaScript a time limit.
 *
 * `run` rejects with ASP5140 where stages need JavaScript and the server runs none, and with a {@link JavaScriptTimeout}.
 *
 * @param name Of the processor.
 * @param now Engine time, in milliseconds since the epoch.
 */
export function createExpressionRunner(
  runner: StageRunner,
  { name, now }: { readonly name: string; readonly now: () => number },
): StageRunner {
  const kinds = new WeakMap<readonly Document[], StagesKind>();
  let canRunJavaScript: Promise<void> | undefined;
  const run: StageRunner["run"] = async (stages, documents) => {
    const kind = kinds.get(stages) ?? (await kindOf(stages, runner));
    kinds.set(stages, kind);
    const { version } = kind;
    const rewritten = kind.rewrite
      ? rewriteEngineExpressions(stages, { currentDate: new Date(now()), version })
      : stages;
    if (!kind.javaScript) return runner.run(rewritten, documents);
    canRunJavaScript ??= probeJavaScript(name, runner);
    await canRunJavaScript;
    return runWithin(runner, rewritten, documents);
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...runner,
    // One after the other: to stop one is to stop all that its session does, and whoever traces a refusal asks while others transform.
    run: (stages, documents) => {
      const turn = last.then(() => run(stages, documents));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

/** What has to be done for stages before they run. */
interface StagesKind {
  readonly rewrite: boolean;
  readonly javaScript: boolean;
  readonly version: string;
}

/** The server is asked how old it is only where that counts. */
async function kindOf(stages: readonly Document[], runner: StageRunner): Promise<StagesKind> {
  const version = await versionFor(stages, runner);
  return {
    rewrite: usesEngineExpressions(stages, version),
    javaScript: runsJavaScript(stages, version),
    version,
  };
}

/** How old the server is, for which these stages are to be rewritten; the oldest where that makes no difference. */
export async function versionFor(stages: readonly Document[], runner: Pick<StageRunner, "version">): Promise<string> {
  return usesBinaryConversions(stages) ? runner.version() : "6.0";
}

async function probeJavaScript(name: string, runner: StageRunner): Promise<void> {
  try {
    const one = { $function: { body: "function() { return 1; }", args: [], lang: "js" } };
    await runner.run([{ $project: { one } }], [emptyDocument]);
  } catch (error) {
    if (!isDocumentError(error)) throw error;
    throw new AspError(
      "ASP5140",
      `\`${name}\` needs JavaScript, which its mongod does not run: ${serverReason(error)}`,
      {
        help: "start that mongod without `--noscripting`, and without `security.javascriptEnabled: false`",
        cause: error,
      },
    );
  }
}

const emptyDocument = new Uint8Array([5, 0, 0, 0, 0]);

async function runWithin(
  runner: StageRunner,
  stages: readonly Document[],
  documents: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  let interrupting: Promise<void> | undefined;
  const timer = setTimeout(() => {
    // Refused, it leaves the command to the server's own limit of a minute.
    interrupting = runner.interrupt().catch(() => undefined);
  }, javaScriptMs);
  try {
    return await runner.run(stages, documents);
  } catch (error) {
    if (interrupting === undefined || !isInterrupted(error)) throw error;
    throw new JavaScriptTimeout(`JavaScript has run longer than ${javaScriptMs / 1000} s`, { cause: error });
  } finally {
    clearTimeout(timer);
    // What is still on its way would stop the next command.
    await interrupting;
  }
}
