import type { Environment } from "../../src/config/environment.ts";
import { compileProcessor } from "../../src/compiler/compile-processor.ts";
import type { Compiled } from "../../src/compiler/compile-processor.ts";
import type { AuthoredValue } from "../../src/projections/processor-value.ts";
import { processorBrand } from "../../src/projections/processor-value.ts";

/** An environment with two clusters and a connection of every other type. */
export const local: Environment = {
  name: "local",
  target: "emulator",
  databases: {},
  connections: {
    events: { type: "Cluster" },
    domain: { type: "Cluster" },
    bus: { type: "Kafka" },
    registry: { type: "SchemaRegistry" },
    web: { type: "Https" },
    lambda: { type: "AWSLambda" },
    stream: { type: "AWSKinesisDataStreams" },
    bucket: { type: "S3" },
    blobs: { type: "AzureBlobStorage" },
    pubsub: { type: "GCPPubSub" },
  },
  collections: [],
  checkpoints: { db: "asp" },
};

export const source = { $source: { connectionName: "events", db: "shop", coll: "events" } };
export const merge = { $merge: { into: { connectionName: "domain", db: "shop", coll: "orders" } } };

/** Compiles a processor with this pipeline. */
export function compile(pipeline: unknown, more: object = {}, environment: Environment = local): Compiled {
  return compileValue({ name: "orders", pipeline, ...more }, environment);
}

export function compileValue(value: object, environment: Environment = local): Compiled {
  const branded = { ...value, [processorBrand]: "processor" } as unknown as AuthoredValue;
  return compileProcessor(branded, { environment, at: () => undefined });
}

/** The codes of the findings, in order. */
export function codes(compiled: Compiled): readonly string[] {
  return compiled.findings.map(({ code }) => code);
}
