import type { Document } from "bson";
import { AspError, isAspError } from "../diagnostics/asp-error.ts";
import type { ConversionServer } from "../expressions/binary-conversions.ts";
import { findEngineExpressions, rewriteEngineExpressions } from "../expressions/engine-expressions.ts";
import { isOlder } from "../expressions/operators.ts";
import { isDocumentError, isInterrupted, JavaScriptTimeout } from "./core/document-error.ts";
import { serverReason } from "./core/server-reason.ts";
import type { StageRunner } from "./stage-runner.ts";

/** So long may the JavaScript of one command run. Beyond it, documents are taken one by one; one that needs longer is a dead letter. */
const javaScriptMs = 5000;

/** A runner of stages with expressions that a plain mongod does not have. */
export interface ExpressionRunner extends StageRunner {
  /** Stages as its mongod takes them now, for whoever sends them by another way. */
  rewrite(stages: readonly Document[]): Promise<readonly Document[]>;
}

/** What has to be done for stages before they run. */
interface Preparation {
  readonly rewrites: boolean;
  /** Absent where no `$convert` is to be rewritten. */
  readonly server?: ConversionServer | undefined;
  /** Whether the stages are not to run without JavaScript. */
  readonly javaScript: boolean;
}

/**
 * Has a runner take stages with expressions that only Stream Processing or a newer server has, and gives JavaScript a time limit.
 *
 * `run` rejects with ASP5140 where stages need JavaScript and the server runs none, and with a {@link JavaScriptTimeout}.
 *
 * @param name Of the processor.
 * @param now Engine time, in milliseconds since the epoch.
 */
export function createExpressionRunner(
  runner: StageRunner,
  { name, now }: { readonly name: string; readonly now: () => number },
): ExpressionRunner {
  const preparations = new WeakMap<readonly Document[], Preparation>();
  let probe: Promise<void> | undefined;
  const canRunJavaScript = (): Promise<void> => {
    probe ??= probeJavaScript(name, runner).catch((error: unknown) => {
      // What went wrong on the way says nothing about JavaScript.
      if (!isAspError(error)) probe = undefined;
      throw error;
    });
    return probe;
  };
  const prepare = async (stages: readonly Document[]): Promise<Preparation> => {
    const { own, conversions, javaScript } = findEngineExpressions(stages);
    // The server is asked how old it is only where that counts.
    const version = conversions.length > 0 ? await runner.version() : "";
    const missing = conversions.filter(({ needs }) => isOlder(version, needs));
    if (missing.length === 0) return { rewrites: own, javaScript };
    if (javaScript || missing.some(({ explicit }) => explicit)) {
      return { rewrites: true, server: { version, javaScript: true }, javaScript: true };
    }
    const runsJavaScript = await canRunJavaScript().then(
      () => true,
      (error: unknown) => {
        if (!isAspError(error)) throw error;
        // Whatever is no binary data is converted without it.
        return false;
      },
    );
    return { rewrites: own || runsJavaScript, server: { version, javaScript: runsJavaScript }, javaScript: false };
  };
  const preparationOf = async (stages: readonly Document[]): Promise<Preparation> => {
    const known = preparations.get(stages) ?? (await prepare(stages));
    preparations.set(stages, known);
    return known;
  };
  const rewritten = (stages: readonly Document[], { rewrites, server }: Preparation): readonly Document[] =>
    rewrites ? rewriteEngineExpressions(stages, { currentDate: new Date(now()), server }) : stages;
  const run: StageRunner["run"] = async (stages, documents) => {
    const preparation = await preparationOf(stages);
    if (!preparation.javaScript) return runner.run(rewritten(stages, preparation), documents);
    await canRunJavaScript();
    return runWithin(runner, rewritten(stages, preparation), documents);
  };
  let last: Promise<unknown> = Promise.resolve();
  // One after the other: to stop one is to stop all that its session does, and whoever traces a refusal asks while others transform.
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    ...runner,
    rewrite: async (stages) =>
      rewritten(stages, preparations.get(stages) ?? (await inTurn(() => preparationOf(stages)))),
    run: (stages, documents) => inTurn(() => run(stages, documents)),
  };
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
