import { mkdir, mkdtemp, readFile, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const modules = join(root, "node_modules");

export interface InstalledPackage {
  readonly folder: string;
  readonly tarball: string;
  /** Paths of the files that are published. */
  readonly packed: readonly string[];
}

/** Makes an empty folder with nothing in it but the packed package and what it declares to depend on. */
export async function installPacked(): Promise<InstalledPackage> {
  const folder = await mkdtemp(join(tmpdir(), "asp-packed-"));
  const { stdout } = await execa("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: root,
  });
  const [pack] = JSON.parse(stdout) as readonly { filename: string; files: readonly { path: string }[] }[];
  const tarball = join(folder, pack?.filename ?? "");
  const installed = join(folder, "node_modules/asp-toolkit");
  await mkdir(installed, { recursive: true });
  await execa("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  const { dependencies } = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of [...Object.keys(dependencies), "@types/node"]) {
    await mkdir(dirname(join(folder, "node_modules", name)), { recursive: true });
    await symlink(join(modules, name), join(folder, "node_modules", name));
  }
  return { folder, tarball, packed: pack?.files.map(({ path }) => path) ?? [] };
}
