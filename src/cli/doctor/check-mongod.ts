import { isAspError } from "../../diagnostics/asp-error.ts";
import { explainMongod } from "../../mongod/find-mongod.ts";
import { startMongod } from "../../mongod/start-mongod.ts";
import type { CommandContext } from "../context.ts";
import { renderDuration } from "../render/numbers.ts";
import type { Check } from "./check.ts";

/** Which binary is used and why, and whether it starts as a replica set; one that has to be fetched is fetched. */
export async function checkMongod(
  ctx: CommandContext,
): Promise<{ readonly checks: readonly Check[]; readonly version?: string }> {
  const options = { env: ctx.env, signal: ctx.signal, onProgress: ctx.progress };
  const found: Check[] = [];
  try {
    const { trail } = await explainMongod(options);
    const started = performance.now();
    const mongod = await startMongod(options);
    try {
      const { version, path, reason } = mongod.binary;
      const notes = trail.map(({ origin, used, reason }) => `${used ? "used" : "not used"}: ${origin}, ${reason}`);
      // Most reasons say the path already.
      const which = reason.includes(path) ? reason : `${path}: ${reason}`;
      found.push({ name: "mongod", status: "ok", detail: `${version}, ${which}`, notes });
      const detail = `starts in ${renderDuration(performance.now() - started)}`;
      found.push({ name: "replica set", status: "ok", detail });
      return { checks: found, version };
    } finally {
      await mongod.stop();
    }
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (!isAspError(error)) throw error;
    const [detail = "", ...lines] = error.message.split("\n");
    const failed: Check = {
      name: "mongod",
      status: "error",
      fault: "world",
      detail: `${detail} (${error.code})`,
      ...(lines.length === 0 ? {} : { notes: lines.map((line) => line.trim()) }),
      ...(error.help === undefined ? {} : { help: error.help }),
    };
    return { checks: [failed] };
  }
}
