import { expect, onTestFinished, test } from "vitest";
import type { Check } from "../../src/cli/doctor/check.ts";
import { checkOperators } from "../../src/cli/doctor/check-operators.ts";
import { findMongod } from "../../src/mongod/find-mongod.ts";
import { connectMongod } from "../support/mongod.ts";
import { makeFolder, runCli } from "./run-cli.ts";
import { project } from "./sample.ts";

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

test("doctor says which mongod is used and why, that it starts, and which operators it lacks", async () => {
  const cwd = await makeFolder(project);
  const { path, version } = await findMongod({ env: process.env });
  const env = { ...process.env, MONGOMS_SYSTEM_BINARY: path } as Record<string, string>;
  const { stdout } = await runCli(["doctor", "--json"], { cwd, env });
  const { checks } = JSON.parse(stdout) as { readonly checks: readonly Check[] };
  // The context of these tests says that it is an old Node.
  expect(checks.filter(({ status }) => status !== "ok").map(({ name }) => name)).toEqual(["node"]);
  const check = (name: string): Check | undefined => checks.find((each) => each.name === name);
  expect(check("mongod")).toEqual({
    name: "mongod",
    status: "ok",
    detail: `${version}, MONGOMS_SYSTEM_BINARY names ${path}`,
    notes: [`used: MONGOMS_SYSTEM_BINARY, MONGOMS_SYSTEM_BINARY names ${path}`],
  });
  expect(check("replica set")?.detail).toMatch(/^starts in [\d.]+ m?s$/u);
  expect(check("operators")?.detail).toMatch(
    new RegExp(`^(?:all that ASP documents run on ${version}|${version} has all that ASP documents but \\d+, )`, "u"),
  );
});

test.each([
  ["6.0.5", "6.0.5 has all that ASP documents but ", "7.0: "],
  ["99.0.0", "all that ASP documents run on 99.0.0", undefined],
])("operators of a mongod %s", (version, detail, note) => {
  const [operators] = checkOperators(version, []);
  expect(operators).toMatchObject({ name: "operators", status: "ok" });
  expect(operators?.detail).toContain(detail);
  expect(operators?.notes?.find((each) => each.startsWith(note ?? "7.0: "))?.slice(0, 5)).toBe(note);
});
