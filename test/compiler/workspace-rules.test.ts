import { Int32 } from "bson";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/config/environment.ts";
import type { EnvironmentConfig } from "../../src/config/environment-schema.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { compile, local, merge, source } from "./support.ts";

const inWorkspace = (settings: EnvironmentConfig, more: Partial<Environment> = {}): Environment => ({
  ...local,
  name: "production",
  target: "admin-api",
  settings,
  ...more,
});

/** What is found of the rules of this file. */
function found(pipeline: readonly object[], environment: Environment, options?: object): readonly Finding[] {
  const { findings } = compile(pipeline, options === undefined ? {} : { options }, environment);
  return findings.filter(({ code }) => code !== "ASP5001");
}
const codesOf = (...args: Parameters<typeof found>): readonly string[] => found(...args).map(({ code }) => code);

const customers = { connectionName: "domain", db: "shop", coll: "customers" };
const lookup = (parallelism: unknown) => ({
  $lookup: { from: customers, localField: "a", foreignField: "b", as: "c", parallelism },
});
const mergeWith = (parallelism: unknown) => ({ $merge: { ...merge.$merge, parallelism } });
const iceberg = (more: object = {}) => ({
  $iceberg: { connectionName: "bucket", bucket: "lake", databaseName: "d", tableName: "t", path: "p", ...more },
});
const lambda = (more: object = {}) => ({
  $externalFunction: { connectionName: "lambda", functionName: "enrich", as: "a", ...more },
});
const window = (pipeline: readonly object[], more: object = {}) => ({
  $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline, ...more },
});

describe("parallelism and the tier", () => {
  const tier = (name: EnvironmentConfig["tier"], region?: string) =>
    inWorkspace({ ...(name && { tier: name }), ...(region !== undefined && { region }) });

  test("the threads beyond the first of each stage are added up, those in windows too", () => {
    const pipeline = [source, window([lookup(5)]), mergeWith(new Int32(6))];
    const [finding, ...others] = found(pipeline, tier("SP10", "westeurope"));
    expect(others).toEqual([]);
    expect(finding).toEqual({
      code: "ASP4032",
      severity: "error",
      message: "the stages ask for 9 threads beyond the first of each, and tier `SP10` gives 8",
      processor: "orders",
      path: [2, "parallelism"],
      notes: [
        "parallelism: 5 in `$lookup`, 6 in `$merge`",
        "`SP10` is the tier of the environment `production`",
        "the smallest tier that fits is SP30: $0.5445 an hour in westeurope, where SP10 costs $0.2653",
      ],
      help: 'set `options.tier` to "SP30", or lower `parallelism` until no more than 8 are left',
    });
    expect(codesOf([source, window([lookup(4)]), mergeWith(6)], tier("SP10"))).toEqual([]);
  });

  test.each([
    ["SP2", 2, 3],
    ["SP5", 3, 4],
    ["SP10", 9, 10],
    ["SP30", 17, 18],
    ["SP50", 65, 66],
  ] as const)("%s takes a sink of %i threads, and not one of %i", (name, most, more) => {
    expect(codesOf([source, mergeWith(most)], tier(name))).toEqual([]);
    expect(codesOf([source, mergeWith(more)], tier(name))).toEqual(["ASP4032"]);
  });

  test("the processor's own tier comes before that of the environment, and is then not said to be its tier", () => {
    expect(codesOf([source, mergeWith(10)], tier("SP10"), { tier: "SP30" })).toEqual([]);
    expect(codesOf([source, mergeWith(10)], tier("SP30"), { tier: "SP10" })).toEqual(["ASP4032"]);
    const [finding] = found([source, mergeWith(3)], local, { tier: "SP2" });
    expect(finding?.notes).toEqual(["parallelism: 3 in `$merge`", "the smallest tier that fits is SP5"]);
  });

  test("where no tier is large enough, no tier is advised", () => {
    expect(found([source, mergeWith(100)], tier("SP2"))[0]).toMatchObject({
      notes: expect.arrayContaining(["no tier is large enough"]) as unknown,
      help: "lower `parallelism` until no more than 1 are left",
    });
  });

  test("without a tier, and with one that does not exist, nothing is added up", () => {
    expect(codesOf([source, mergeWith(100)], inWorkspace({}))).toEqual([]);
    const [finding, ...others] = found([source, mergeWith(100)], tier("SP2"), { tier: "SP20" });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: "ASP1008", message: "`tier` of `options` cannot be `SP20`" });
    expect(finding?.help).toMatch(/^did you mean `SP/);
  });

  test("what is no number of threads is another finding", () => {
    expect(codesOf([source, mergeWith("9")], tier("SP2"))).toEqual(["ASP1007"]);
    expect(codesOf([source, mergeWith(2.5)], tier("SP2"))).toEqual(["ASP1007"]);
  });
});

describe("other limits of a tier", () => {
  const sync = (coll: unknown, enable = true) => ({
    $source: { connectionName: "events", db: "shop", coll, initialSync: { enable } },
  });
  const names = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);

  test.each([
    ["SP2", 1],
    ["SP5", 1],
    ["SP10", 5],
    ["SP30", 10],
    ["SP50", 50],
  ])("%s copies %i collections first", (tier, most) => {
    expect(codesOf([sync(names(most)), merge], local, { tier })).toEqual([]);
    expect(codesOf([sync(names(most + 1)), merge], local, { tier })).toEqual(["ASP4033"]);
  });

  test("collections that are not copied first are not counted", () => {
    expect(codesOf([sync(names(9), false), merge], local, { tier: "SP2" })).toEqual([]);
    expect(codesOf([sync("one"), merge], local, { tier: "SP2" })).toEqual([]);
  });

  const partitions = (range: object) => ({
    $source: { connectionName: "bus", topic: "orders", partitions: range },
  });

  test.each([
    ["SP2", { min: 0, max: 32 }, ["ASP4035"]],
    ["SP2", { min: 1, max: 32 }, []],
    ["SP2", { max: 32 }, ["ASP4035"]],
    ["SP2", { min: 1000 }, []],
    ["SP5", { min: 0, max: 63 }, []],
    ["SP5", { min: 0, max: 64 }, ["ASP4035"]],
    ["SP10", { min: 0, max: 5000 }, []],
    ["SP10", { min: 2, max: 1 }, ["ASP1033"]],
  ])("%s, partitions %j: %j", (tier, range, expected) => {
    expect(codesOf([partitions(range), merge], local, { tier })).toEqual(expected);
  });

  const cached = (maxMemUsageBytes: number) => ({
    $cachedLookup: {
      ttl: { size: 1, unit: "minute" },
      maxMemUsageBytes,
      from: customers,
      localField: "a",
      foreignField: "b",
      as: "c",
    },
  });

  test("a cache takes an eighth of the memory", () => {
    expect(codesOf([source, cached(2 ** 28), merge], local, { tier: "SP10" })).toEqual([]);
    const [finding] = found([source, cached(2 ** 28 + 1), merge], local, { tier: "SP10" });
    expect(finding).toMatchObject({
      code: "ASP4036",
      path: [1, "maxMemUsageBytes"],
      help: 'set `options.tier` to "SP30", or set it to 268435456 or less',
    });
  });

  test.each([
    ["SP5", ["ASP4034"]],
    ["SP10", []],
  ])("`$iceberg` and failover on %s: %j", (tier, expected) => {
    expect(codesOf([source, iceberg()], local, { tier })).toEqual(expected);
    expect(codesOf([source, merge], local, { tier, failoverEnabled: true })).toEqual(expected);
    expect(codesOf([source, merge], local, { tier, failoverEnabled: false })).toEqual([]);
  });
});

describe("options", () => {
  test("all that are documented may stand there", () => {
    const autoscaling = { enabled: true, minTier: "SP10", maxTier: "SP50" };
    const dlq = { connectionName: "domain", db: "ops", coll: "letters" };
    const options = { dlq, tier: "SP10", failoverEnabled: true, autoscaling, resumeFromCheckpoint: false };
    expect(codesOf([source, merge], local, options)).toEqual([]);
  });

  test.each([
    [{ dql: {} }, "ASP4048", "did you mean `dlq`?"],
    [{ anything: 1 }, "ASP4048", "remove it, unless the service told you of it"],
    [{ autoscaling: { enabled: true, mintier: "SP10" } }, "ASP1006", "did you mean `minTier`?"],
    [{ autoscaling: { maxTier: "SP5O" } }, "ASP1008", "did you mean `SP5`?"],
    [{ failoverEnabled: "yes" }, "ASP1007", undefined],
  ])("%j: %s", (options, code, help) => {
    const [finding, ...others] = found([source, merge], local, options);
    expect(others).toEqual([]);
    expect({ code: finding?.code, help: finding?.help }).toEqual({ code, help });
  });
});

describe("the workspace's cloud and region", () => {
  const script = { $function: { body: "function () {}", args: [], lang: "js" } };

  test.each([
    ["AWS", []],
    ["AZURE", ["ASP4037"]],
    ["GCP", ["ASP4037"]],
  ] as const)("on %s, Lambda and JavaScript: %j", (provider, expected) => {
    expect(codesOf([source, lambda(), merge], inWorkspace({ provider }))).toEqual(expected);
    expect(codesOf([source, window([lambda()]), merge], inWorkspace({ provider }))).toEqual(expected);
    expect(codesOf([source, { $set: { a: { b: [script] } } }, merge], inWorkspace({ provider }))).toEqual(expected);
    expect(codesOf([source, { $match: { $expr: script } }, merge], inWorkspace({ provider }))).toEqual(expected);
  });

  test("data that reads like JavaScript, and an environment that does not say its cloud, are left alone", () => {
    const azure = inWorkspace({ provider: "AZURE" });
    expect(codesOf([source, { $set: { a: { $literal: script } } }, merge], azure)).toEqual([]);
    expect(codesOf([source, lambda(), merge], inWorkspace({ region: "westeurope" }))).toEqual([]);
  });

  test("buckets and Kinesis streams of AWS are open to workspaces elsewhere", () => {
    const emits = [
      { $emit: { connectionName: "bucket", bucket: "b", path: "p" } },
      { $emit: { connectionName: "stream", stream: "s", partitionKey: "$a" } },
    ];
    for (const emit of emits) expect(codesOf([source, emit], inWorkspace({ provider: "AZURE" }))).toEqual([]);
  });

  test("`$iceberg` outside AWS says where its bucket is", () => {
    expect(codesOf([source, iceberg()], inWorkspace({ provider: "GCP" }))).toEqual(["ASP4038"]);
    expect(codesOf([source, iceberg({ region: "us-east-1" })], inWorkspace({ provider: "GCP" }))).toEqual([]);
    expect(codesOf([source, iceberg()], inWorkspace({ provider: "AWS" }))).toEqual([]);
    expect(codesOf([source, iceberg()], inWorkspace({}))).toEqual([]);
  });

  const arn = (region: string) => lambda({ functionName: `arn:aws:lambda:${region}:123456789012:function:enrich` });
  const connections = (region: string): Pick<Environment, "connections"> => ({
    connections: { ...local.connections, lambda: { type: "AWSLambda", region } },
  });

  test.each(["VIRGINIA_USA", "US_EAST_1", "us-east-1"])(
    "a function is in the region of the workspace: %s",
    (region) => {
      const there = inWorkspace({ provider: "AWS", region });
      expect(codesOf([source, arn("us-east-1"), merge], there)).toEqual([]);
      expect(codesOf([source, arn("us-east-2"), merge], there)).toEqual(["ASP4040"]);
      expect(codesOf([source, lambda(), merge], { ...there, ...connections("VIRGINIA_USA") })).toEqual([]);
      expect(codesOf([source, lambda(), merge], { ...there, ...connections("DUBLIN_IRL") })).toEqual(["ASP4040"]);
    },
  );

  test("a region that is not understood is not compared", () => {
    expect(codesOf([source, arn("us-east-2"), merge], inWorkspace({ provider: "AWS", region: "${REGION}" }))).toEqual(
      [],
    );
    const there = inWorkspace({ provider: "AWS", region: "us-east-1" }, connections("${REGION}"));
    expect(codesOf([source, lambda(), merge], there)).toEqual([]);
    expect(
      codesOf([source, arn("us-east-2"), merge], inWorkspace({ provider: "AZURE", region: "westeurope" })),
    ).toEqual(["ASP4037"]);
  });
});

test.each([
  ["orders", []],
  ["orders.v2", ["ASP4045"]],
  ["o".repeat(65), ["ASP4045"]],
  ["naïve", ["ASP4045"]],
])("the service will take the name %j: %j", (name, expected) => {
  const { findings } = compile([source, merge], { name }, inWorkspace({}));
  expect(findings.map(({ code }) => code)).toEqual(expected);
  expect(compile([source, merge], { name }).findings).toEqual([]);
});
