import { execa } from "execa";

/**
 * Installs a package into a folder with a `package.json`, without running scripts of what comes with it; why that failed, if it did.
 *
 * Tests that need it are skipped then, but in CI, which is to say so: there ASP_TESTS_NEED_REGISTRY is set, or CI itself.
 *
 * @throws Error where it is needed and fails
 */
export async function npmInstall(what: string, cwd: string): Promise<string | undefined> {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  const patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"];
  const installed = await execa("npm", ["install", ...quiet, ...patience, what], { cwd, reject: false, all: true });
  if (installed.exitCode === 0) return undefined;
  const reason = `npm cannot install ${what}: ${installed.all.split("\n").slice(0, 4).join("; ")}`;
  const isNeeded = (process.env["ASP_TESTS_NEED_REGISTRY"] ?? process.env["CI"] ?? "") !== "";
  if (isNeeded || !/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|network/u.test(reason))
    throw new Error(reason);
  return reason;
}
