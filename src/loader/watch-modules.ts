import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker, isMainThread } from "node:worker_threads";

/** Looks on, from another thread, whether the code of modules comes to an end, and ends it where it does not. */
export interface ModuleWatch {
  /** Another piece of work begins, with the whole time limit before it. */
  readonly begin: () => void;
  /** The stack of what was ended since the last call, innermost frame first, in the form of `Error.stack`; undefined where nothing was. */
  readonly takeEnded: () => string | undefined;
  readonly close: () => void;
}

/**
 * Watches this thread until `close`: an author's code that holds it for `timeLimit` milliseconds is ended. Whoever waits for that
 * code waits in vain, and what is due in the same turn is lost with it, so it must run in a turn of its own. What asp, Node or a
 * package does meanwhile goes on.
 *
 * Nobody is watched where that cannot be done (in a thread other than the main one) or would disturb (a debugger is attached, and
 * its user may have stopped the code). A callback of a timer is not ended: Node counts those, and would give up the process.
 */
export function watchModules(timeLimit: number): ModuleWatch {
  if (!isMainThread) return { begin: nothing, takeEnded: nothing, close: nothing };
  const shared = new SharedArrayBuffer(textAt + mostText);
  const state = new Int32Array(shared, 0, textAt / Int32Array.BYTES_PER_ELEMENT);
  const worker = new Worker(watching, {
    eval: true,
    workerData: { shared, textAt, timeLimit, own: ownFolder },
    // It says nothing, and takes nothing of what this process was started with.
    execArgv: [],
    env: {},
  });
  worker.unref();
  // Without it, modules are loaded as before.
  worker.on("error", nothing);
  const move = (index: number, to: number): void => {
    Atomics.store(state, index, to);
    Atomics.notify(state, index);
  };
  return {
    begin: () => move(turnAt, Atomics.load(state, turnAt) + 1),
    takeEnded: () => {
      const length = Atomics.exchange(state, lengthAt, 0);
      // A shared buffer is not decoded as it is.
      return length === 0 ? undefined : Buffer.from(new Uint8Array(shared, textAt, length)).toString("utf8");
    },
    close: () => move(turnAt, closed),
  };
}

/** Where asp's own code is, from its source or as built. */
const ownFolder = dirname(dirname(fileURLToPath(import.meta.url)));

function nothing(): undefined {
  return undefined;
}

/** What both threads share: the number of the turn, the length of the stack's text, and behind them the text. */
const turnAt = 0;
const lengthAt = 1;
const textAt = 8;
const mostText = 16_384;
const closed = -1;

/**
 * The other thread, as a text: it must run as it stands whatever has compiled this file. It sleeps until a turn takes too long, then
 * stops the main thread as a debugger does, and looks whose code that is.
 */
const watching = `
const { workerData } = require("node:worker_threads");
const { Session, url } = require("node:inspector");
const { shared, textAt, timeLimit, own } = workerData;
const state = new Int32Array(shared, 0, textAt / 4);
const text = new Uint8Array(shared, textAt);
const wait = () => {
  for (;;) {
    const turn = Atomics.load(state, ${turnAt});
    if (turn === ${closed}) return;
    if (Atomics.wait(state, ${turnAt}, turn, timeLimit) === "timed-out") return look(turn);
  }
};
const show = ({ file, location: { lineNumber, columnNumber = 0 } }) => "    at " + file + ":" + (lineNumber + 1) + ":" + (columnNumber + 1);
const isAuthors = (url) => {
  const path = url.startsWith("file://") ? url.slice("file://".length) : url;
  return path.startsWith("/") && !path.startsWith(own) && !path.includes("/node_modules/");
};
const look = (turn) => {
  const session = new Session();
  session.connectToMainThread();
  const alive = setInterval(() => {}, 1000);
  const leave = () => {
    clearInterval(alive);
    session.disconnect();
    wait();
  };
  const files = new Map();
  session.on("Debugger.scriptParsed", ({ params: { scriptId, url } }) => files.set(scriptId, url));
  session.on("Debugger.paused", ({ params: { callFrames } }) => {
    const frames = callFrames.map(({ functionName, location }) => ({ functionName, file: files.get(location.scriptId) ?? "", location }));
    const caller = frames[frames.findLastIndex(({ file }) => isAuthors(file)) + 1];
    const isTheirs = Atomics.load(state, ${turnAt}) === turn && frames.some(({ file }) => isAuthors(file));
    const canEnd = isTheirs && !["listOnTimeout", "processImmediate"].includes(caller?.functionName);
    if (canEnd) {
      const stack = Buffer.from(frames.map(show).join("\\n")).subarray(0, text.length);
      text.set(stack);
      Atomics.store(state, ${lengthAt}, stack.length);
      session.post("Runtime.terminateExecution");
    }
    session.post("Debugger.disable", leave);
  });
  session.post("Debugger.enable");
  session.post("Debugger.pause");
};
if (url() === undefined) wait();
`;
