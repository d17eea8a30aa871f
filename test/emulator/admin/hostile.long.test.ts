import fc from "fast-check";
import { expect, test } from "vitest";
import { withMongod } from "../../support/mongod.ts";
import { junk, sendRaw, statusClasses } from "./raw-requests.ts";
import { latest, openApi } from "./support.ts";

const minuteMs = 60_000;

test("a minute of junk from many sides: nothing is answered, nothing is made, and memory does not grow", async () => {
  const api = await openApi(await withMongod());
  const token = await api.tokenOf("admin");
  const known = (bytes: Uint8Array): Uint8Array => {
    const head = `POST /api/atlas/v2/groups/${api.project.id}/streams HTTP/1.1\r\nHost: a\r\nAccept: ${latest}\r\n`;
    const rest = `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${bytes.length}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head + rest), bytes]);
  };
  const until = performance.now() + minuteMs;
  let asked = 0;
  const heapAfter: number[] = [];
  const one = fc.asyncProperty(junk, fc.boolean(), async (bytes, isKnown) => {
    asked += 1;
    if (asked % 500 === 0) heapAfter.push(process.memoryUsage().heapUsed);
    const answer = await sendRaw(api.server.port, isKnown ? known(bytes) : bytes, 20);
    expect(statusClasses(answer).filter((first) => first !== "4")).toEqual([]);
  });
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (performance.now() < until) await fc.assert(one, { numRuns: 50 });
    }),
  );
  expect((await api.call("GET", "/streams")).json).toMatchObject({ results: [], totalCount: 0 });
  const [first = 0] = heapAfter;
  expect(Math.min(...heapAfter.slice(-3)) - first).toBeLessThan(100 * 1024 * 1024);
});
