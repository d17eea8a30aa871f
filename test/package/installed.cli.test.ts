import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { npmInstall } from "../support/npm-install.ts";
import { root } from "./install-packed.ts";

test("npm installs the package into an empty folder, with all that its command needs to make a project and test it", async ({
  skip,
}) => {
  const folder = await mkdtemp(join(tmpdir(), "asp-installed-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await execa("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: root });
  const [tarball = ""] = await readdir(folder);
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const missing = await npmInstall(`./${tarball}`, folder);
  if (missing !== undefined) skip(missing);

  const asp = async (...args: readonly string[]) =>
    execa(join(folder, "node_modules/.bin/asp"), args, {
      cwd: folder,
      env: { CI: "true", NODE_DISABLE_COMPILE_CACHE: "1", NODE_OPTIONS: "" },
    });
  expect((await asp("init")).stdout).toContain("pipelines/orders.ts");
  expect((await asp("validate")).stdout).toBe("1 processor checked: no findings");
  const { stdout } = await asp("test", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ passed: 1, failed: 0, findings: [] });
});
