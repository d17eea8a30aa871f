import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/**
 * The project's folder as seen from the root of its repository: `""`, or with a slash at its end.
 *
 * What reads annotations and SARIF knows only the root, while findings are told from the project.
 */
export function fromRoot(cwd: string, env: Readonly<Record<string, string | undefined>>): string {
  const workspace = env["GITHUB_WORKSPACE"];
  const inWorkspace = workspace === undefined || workspace === "" ? undefined : relative(workspace, cwd);
  const path = inWorkspace === undefined || isOutside(inWorkspace) ? relative(repositoryOf(cwd), cwd) : inWorkspace;
  return path === "" ? "" : `${path.replaceAll("\\", "/")}/`;
}

function isOutside(path: string): boolean {
  return /^(?:\.\.(?:$|[\\/])|\/|[A-Za-z]:)/.test(path);
}

/** The nearest folder with `.git`, which is a file in a worktree; the folder itself where there is none. */
function repositoryOf(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return folder;
    if (folder === dirname(folder)) return cwd;
  }
}
