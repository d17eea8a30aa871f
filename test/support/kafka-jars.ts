import { access, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { cacheFolder } from "../../src/mongod/sources/cache-folder.ts";

const version = "3.9.1";

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>asp</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/** Kafka's class path, fetched once into the cache by Maven (46 MB), or why there is none. */
export type KafkaJars = { readonly classpath: string } | { readonly missing: string };

export async function fetchKafkaJars(): Promise<KafkaJars> {
  for (const [name, ...args] of [
    ["java", "-version"],
    ["mvn", "-version"],
  ] as const) {
    if ((await execa(name, args, { reject: false })).exitCode !== 0) return { missing: `there is no \`${name}\`` };
  }
  const folder = join(cacheFolder(process.env), `kafka-${version}`);
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    const failed = await install(folder);
    if (failed !== undefined) return { missing: `Maven cannot fetch Kafka: ${failed}` };
  }
  return { classpath: join(folder, "lib", "*") };
}

/** Made beside its place and then moved there, so that an install that is broken off leaves nothing that looks whole. */
async function install(folder: string): Promise<string | undefined> {
  process.stderr.write(`Fetching Kafka ${version} (46 MB), once…\n`);
  const beside = `${folder}.${process.pid}`;
  await mkdir(beside, { recursive: true });
  await writeFile(join(beside, "pom.xml"), pom);
  const copy = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
  const fetched = await execa("mvn", ["-q", "-B", copy, "-DoutputDirectory=lib"], {
    cwd: beside,
    reject: false,
    all: true,
    timeout: 300_000,
  });
  if (fetched.exitCode === 0) await rename(beside, folder).catch(() => undefined);
  await rm(beside, { recursive: true, force: true });
  return fetched.exitCode === 0 ? undefined : fetched.all.slice(0, 500);
}
