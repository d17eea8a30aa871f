import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { execaNode } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installPacked, modules, root } from "./install-packed.ts";

let folder: string;
let tarball: string;
let packed: readonly string[];

beforeAll(async () => {
  ({ folder, tarball, packed } = await installPacked());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function run(script: string, args: readonly string[]) {
  // What is kept of a copy that nobody will run again is of no use to anyone.
  const env = { CI: "true", XDG_CACHE_HOME: join(folder, "cache") };
  return execaNode(script, args, { cwd: folder, reject: false, all: true, nodeOptions: [], env });
}
const asp = (...args: readonly string[]) => run(join(folder, "node_modules/asp-toolkit/dist/cli/main.js"), args);
const tsc = () => run(join(modules, "typescript/bin/tsc"), ["-p", folder]);

test("what is published is the build, the schemas and the documentation", () => {
  expect(packed).toEqual(
    expect.arrayContaining([
      "dist/index.js",
      "dist/index.d.ts",
      "dist/testing/index.d.ts",
      "dist/cli/main.js",
      "schema/atlas.config.schema.json",
      "docs/errors/ASP5200.md",
      "LICENSE",
      "README.md",
    ]),
  );
  expect(packed.filter((path) => !/^(?:dist|schema|docs)\/|^[A-Z]+(?:\.md)?$|^package\.json$/u.test(path))).toEqual([]);
});

test("every link of a published page leads to what is published as well", async () => {
  const pages = packed.filter((path) => path.endsWith(".md"));
  const dead = await Promise.all(
    pages.map(async (page) => {
      const text = await readFile(join(folder, "node_modules/asp-toolkit", page), "utf8");
      const code = /^```.*?^```|`[^`\n]*`/gmsu;
      const links = [...text.replaceAll(code, "").matchAll(/\]\((?!\w+:|#)([^)#\s]+)/gu)].map(([, link = ""]) => link);
      const targets = links.map((link) => posix.join(posix.dirname(page), link));
      return targets.filter((to) => !packed.some((path) => path === to || path.startsWith(`${to}/`)));
    }),
  );
  expect(dead.flat().toSorted()).toEqual([]);
});

test("publint and attw have nothing to say about it", async () => {
  expect((await run(join(modules, "publint/src/cli.js"), [tarball, "--strict"])).all).toMatch(/All good!/u);
  const attw = await run(join(modules, "@arethetypeswrong/cli/dist/index.js"), [
    tarball,
    "--profile",
    "esm-only",
    "--no-emoji",
  ]);
  expect(attw.exitCode, attw.all).toBe(0);
});

test("a project of one's own is type-checked against it, with its errors where they belong", async () => {
  await project();
  const right = await tsc();
  expect(right.all).toBe("");
  await writeFile(join(folder, "pipelines/orders.ts"), orders.replace("data.quantity", "data.quantiti"));
  const wrong = await tsc();
  expect(wrong.all).toMatch(/^pipelines\/orders\.ts\(\d+,\d+\): error TS2551: .*'quantiti'/u);
});

test("its command checks and compiles that project, and explains its findings", async () => {
  await project();
  const validate = await asp("validate", "--json");
  expect(validate.exitCode, validate.all).toBe(0);
  const compile = await asp("compile", "orders");
  expect(JSON.parse(compile.stdout)).toMatchObject([{ name: "orders", pipeline: expect.any(Array) }]);
  expect((await asp("explain", "ASP5200")).stdout).toContain("no mongod was found");
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  expect((await asp("--version")).stdout).toContain(version);
});

async function project(): Promise<void> {
  await mkdir(join(folder, "pipelines"), { recursive: true });
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await writeFile(join(folder, "atlas.config.yaml"), config);
  await writeFile(join(folder, "pipelines/orders.ts"), orders);
  await writeFile(join(folder, "orders.test.ts"), 'export { pipelineSpec } from "asp-toolkit/testing";\n');
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ["node"],
  };
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: { ...compilerOptions, allowImportingTsExtensions: true },
      include: ["pipelines", "*.ts"],
    }),
  );
}

const config = `
events: { connectionName: events, db: shop, coll: events }
connections: { events: { type: Cluster }, domain: { type: Cluster } }
environments: { local: { target: emulator } }
`;

const orders = `
import { defineProjection, remove } from "asp-toolkit";

type OrderEvent =
  | { type: "ItemAdded"; data: { quantity: number; price: number } }
  | { type: "OrderCancelled"; data: { reason: string } };
interface OrderView {
  items: number;
  total: number;
}

export default defineProjection<OrderView, OrderEvent>({
  name: "orders",
  into: { connectionName: "domain", db: "shop", coll: "orders" },
  initial: { items: 0, total: 0 },
  on: {
    ItemAdded: ({ data }, view) => ({
      items: { $add: [view.items, data.quantity] },
      total: { $add: [view.total, { $multiply: [data.quantity, data.price] }] },
    }),
    OrderCancelled: () => remove(),
  },
});
`;
