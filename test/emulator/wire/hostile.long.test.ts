import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { eventsOf, freshName, mergeInto } from "../../engine/support.ts";
import { withMongod } from "../../support/mongod.ts";
import { piece, pour } from "./junk.ts";
import { openWire } from "./support.ts";

const minuteMs = 60_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heapInUse(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

function toMB(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}

const hidden = "hidden-connection";

test(
  "a minute of junk from many sides: nothing is told, nothing is changed, and memory does not grow",
  { timeout: 3 * minuteMs },
  async () => {
    const mongod = await withMongod();
    const wire = await openWire(mongod);
    await wire.tenant.connections.create(hidden, { type: "Https", url: "https://hidden" });
    const pipeline = [eventsOf(mongod.db, freshName()), mergeInto(mongod.db, freshName())];
    await wire.tenant.workspace.create({ name: "guarded", pipeline });
    const until = performance.now() + minuteMs;
    let asked = 0;
    const heapAfter: number[] = [];
    const one = fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 4 }), async (pieces) => {
      asked += 1;
      if (asked % 500 === 0) heapAfter.push(heapInUse());
      const received = await pour(wire.server.port, pieces);
      expect(received.includes(hidden)).toBe(false);
      expect(received.includes("guarded")).toBe(false);
    });
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        while (performance.now() < until) await fc.assert(one, { numRuns: 50 });
      }),
    );
    expect(asked).toBeGreaterThan(1000);
    const { streamProcessors } = await wire.connect().command({ listStreamProcessors: 1 });
    expect(streamProcessors).toMatchObject([{ name: "guarded", state: "CREATED" }]);
    const [first = 0, last = Infinity] = [heapAfter[0], heapAfter.at(-1)];
    process.stderr.write(
      `${asked} requests; heap ${toMB(first)} MB after the first 500, ${toMB(last)} MB at the end\n`,
    );
    expect(last - first).toBeLessThan(50 * 1024 * 1024);
  },
);
