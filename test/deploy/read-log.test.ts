import { gzipSync } from "node:zlib";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { readLog } from "../../src/deploy/targets/admin-api/reply.ts";
import { createAdminApiTarget } from "../../src/deploy/targets/admin-api/admin-api-target.ts";

const context = { label: "the Admin API", projectId: "p", workspace: "w" };
const reply = (bytes: Uint8Array, status = 200) => ({ status, text: new TextDecoder().decode(bytes), bytes });

test("a log is unpacked into lines", () => {
  expect(readLog(reply(gzipSync("a\r\nb\n\n")), context)).toEqual(["a", "b"]);
  expect(readLog(reply(new Uint8Array()), context)).toEqual([]);
});

test("a page in place of a log is told, and so is a refusal", () => {
  expect(() => readLog(reply(Buffer.from("<html>")), context)).toThrow(expect.objectContaining({ code: "ASP6004" }));
  const refusal = Buffer.from('{"error":403,"errorCode":"USER_UNAUTHORIZED","detail":"no"}');
  expect(() => readLog(reply(refusal, 403), context)).toThrow(expect.objectContaining({ code: "ASP6001" }));
});

test("a log that is larger than asp reads at once is told, with the way out", async () => {
  const server = createServer((_, response) => response.end(Buffer.alloc(17 * 1024 * 1024)));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { signal } = new AbortController();
  const auth = { type: "api-key", publicKey: "k", privateKey: "p" } as const;
  const target = createAdminApiTarget({ ...context, baseUrl: `http://127.0.0.1:${port}`, auth, signal });
  await expect(target.logs()).rejects.toMatchObject({ code: "ASP6078", help: expect.stringContaining("--since") });
  await target.close();
});
