import { expect, onTestFinished, test } from "vitest";
import { connectMongod } from "../support/mongod.ts";
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

test("doctor uses what a command prints, shows none of its secrets, and names one that fails", async () => {
  const mongod = await connectMongod();
  onTestFinished(() => mongod.close());
  const uri = (code: string): string =>
    `connections:\n  domain: { type: Cluster, uri: ${JSON.stringify(`\${exec:${process.execPath} -e "${code}"}`)} }\nenvironments: { local: { target: emulator } }\n`;
  const doctor = async (code: string): Promise<string> => {
    const cwd = await makeFolder({ "atlas.config.yaml": uri(code), "pipelines/empty.ts": "export default [];" });
    const env = { ...process.env, DOMAIN: mongod.uri } as Record<string, string>;
    return (await runCli(["doctor"], { cwd, env })).stdout.replaceAll(/ +/g, " ");
  };
  expect(await doctor("console.log(process.env.DOMAIN)")).toMatch(/connection domain .*, MongoDB \d/);
  const failed = await doctor("console.log('mongodb://u:s3cret@h'), process.exit(7)");
  expect(failed).toContain("ended with exit code 7 (ASP6066)");
  expect(failed).not.toContain("connection domain");
});
