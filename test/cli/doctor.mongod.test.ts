import { expect, test } from "vitest";
import { makeFolder, runCli } from "./run-cli.ts";

const config = `connections:
  bus: { type: Kafka }
  brokers: { type: Kafka, bootstrapServers: "localhost:9092" }
  prices: { type: Https, url: "https://user:secret@example.org" }
  lake: { type: S3 }
environments:
  local: { target: emulator }
`;

test("doctor says what stands in for a connection that is no cluster, and shows no address of it", async () => {
  const cwd = await makeFolder({ "atlas.config.yaml": config, "pipelines/empty.ts": "export default [];" });
  const { stdout } = await runCli(["doctor"], { cwd, env: { ...process.env } as Record<string, string> });
  const shown = stdout.split("\n").filter((line) => line.includes("connection "));
  expect(shown.map((line) => line.replace(/\s+/g, " "))).toEqual([
    "✓ connection bus Kafka, topics in memory",
    "✓ connection brokers Kafka, not asked by doctor",
    "✓ connection prices Https, not asked by doctor",
    "✓ connection lake S3, what it would get is written to .asp/captured/lake",
  ]);
});
