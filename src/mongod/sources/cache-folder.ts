import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { platform } from "node:process";

type Env = Readonly<Record<string, string | undefined>>;

/** Where this package keeps what it downloaded, by each platform's habit; XDG_CACHE_HOME is obeyed on all of them. */
export function cacheFolder(env: Env): string {
  const name = "asp-toolkit";
  const chosen = env["XDG_CACHE_HOME"] ?? "";
  if (chosen !== "") return join(chosen, name);
  if (platform === "darwin") return join(homeFolder(env), "Library/Caches", name);
  if (platform === "win32") return join(env["LOCALAPPDATA"] ?? join(homeFolder(env), "AppData/Local"), name, "Cache");
  return join(homeFolder(env), ".cache", name);
}

export function homeFolder(env: Env): string {
  return env["HOME"] ?? env["USERPROFILE"] ?? homedir();
}

export function temporaryFolder(env: Env): string {
  return env["TMPDIR"] ?? env["TEMP"] ?? env["TMP"] ?? tmpdir();
}
