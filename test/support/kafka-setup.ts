import type { TestProject } from "vitest/node";
import { fetchKafkaJars } from "./kafka-jars.ts";
import { startKafka } from "./kafka-server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The Kafka of the test run; without Java or Maven, why there is none. */
    readonly kafka:
      | { readonly missing: string }
      | {
          readonly missing?: undefined;
          readonly classpath: string;
          readonly plaintext: string;
          readonly saslSsl: string;
          readonly certificate: string;
        };
  }
}

/** One Kafka for all test files; each takes topics with names of its own. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const jars = await fetchKafkaJars();
  if ("missing" in jars) {
    process.stderr.write(`The tests on a real Kafka are skipped: ${jars.missing}\n`);
    project.provide("kafka", jars);
    return undefined;
  }
  const { plaintext, saslSsl, certificate, close } = await startKafka(jars.classpath);
  project.provide("kafka", { ...jars, plaintext, saslSsl, certificate });
  return close;
}
