import { hostname } from "node:os";
import { execa } from "execa";
import type { Variables } from "../../config/interpolate.ts";

/** Who deploys, and what. */
export interface Author {
  readonly user: string;
  readonly host: string;
  /** Address of the CI's run, or the CI's name; absent on a person's machine. */
  readonly run?: string;
  /** Absent where the project is no git repository, or git is not there. */
  readonly commit?: string;
  /** With `commit`: files differ from it. */
  readonly isChanged?: boolean;
}

/** Asks git, and reads what a CI says of itself. */
export async function readAuthor(cwd: string, env: Variables): Promise<Author> {
  const [commit, status] = await Promise.all([git(cwd, "rev-parse", "HEAD"), git(cwd, "status", "--porcelain")]);
  const user = first(env, users) ?? "unknown";
  const run = readRun(env);
  return {
    user,
    host: hostname(),
    ...(run !== undefined && { run }),
    ...(commit !== undefined && { commit, ...(status !== undefined && { isChanged: status !== "" }) }),
  };
}

/** Those of CIs first: the user of a runner is nobody. */
const users = [
  "GITHUB_ACTOR",
  "GITLAB_USER_LOGIN",
  "BUILD_REQUESTEDFOREMAIL",
  "CIRCLE_USERNAME",
  "BUILDKITE_BUILD_CREATOR_EMAIL",
  "USER",
  "LOGNAME",
  "USERNAME",
];

const runs = ["CI_JOB_URL", "CIRCLE_BUILD_URL", "BUILDKITE_BUILD_URL", "BUILD_URL"];

function readRun(env: Variables): string | undefined {
  const [server, repository, id] = ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"].map((name) => env[name]);
  if (server !== undefined && repository !== undefined && id !== undefined) {
    return `${server}/${repository}/actions/runs/${id}`;
  }
  return first(env, runs) ?? (env["CI"] === undefined || env["CI"] === "" ? undefined : "CI");
}

function first(env: Variables, names: readonly string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value !== undefined && value !== "");
}

async function git(cwd: string, ...argv: readonly string[]): Promise<string | undefined> {
  const { failed, stdout } = await execa("git", argv, { cwd, reject: false, timeout: 5000, stdin: "ignore" });
  return failed ? undefined : stdout;
}
