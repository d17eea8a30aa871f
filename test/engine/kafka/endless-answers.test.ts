import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { fetchToken } from "../../../src/engine/kafka/oauth-token.ts";
import { createSchemaRegistry } from "../../../src/engine/kafka/schema-registry.ts";

/** A server whose answer has no end; tells how much of it was taken. */
async function endless(): Promise<{ readonly url: string; readonly taken: () => number }> {
  let taken = 0;
  const chunk = Buffer.alloc(256 * 1024, " ");
  const server = createServer((_, response) => {
    const write = (): void => {
      while (!response.destroyed && response.write(chunk)) taken += chunk.length;
    };
    response.on("drain", write);
    write();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, taken: () => taken };
}

const limit = 64 * 1024 * 1024;

test("a schema registry that never comes to an end does not answer", async () => {
  const { url, taken } = await endless();
  const registry = createSchemaRegistry("r", { type: "SchemaRegistry", schemaRegistryUrls: [url] }, undefined);
  await expect(registry.schemaById(1)).rejects.toMatchObject({ code: "ASP5126", retryable: true });
  expect(taken()).toBeLessThan(limit);
});

test("nor does a token endpoint", async () => {
  const { url, taken } = await endless();
  const connection = {
    type: "Kafka",
    authentication: { clientId: "c", clientSecret: "s", tokenEndpointUrl: url },
  } as const;
  await expect(fetchToken("bus", connection)).rejects.toMatchObject({ code: "ASP4135", retryable: true });
  expect(taken()).toBeLessThan(limit);
});
