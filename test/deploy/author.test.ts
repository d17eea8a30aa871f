import { execa } from "execa";
import { expect, test } from "vitest";
import { readAuthor } from "../../src/deploy/record/author.ts";
import { addFiles, makeFolder } from "../cli/run-cli.ts";

test("a person, from the commit that is checked out", async () => {
  const cwd = await makeFolder({ "a.txt": "a" });
  const git = (...argv: readonly string[]) =>
    execa("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...argv], { cwd });
  await git("init", "--quiet");
  await git("add", ".");
  await git("commit", "--quiet", "--message", "first");
  const { stdout: commit } = await git("rev-parse", "HEAD");
  expect(await readAuthor(cwd, { USER: "ada" })).toEqual({
    user: "ada",
    host: expect.stringMatching(/./),
    commit,
    isChanged: false,
  });
  await addFiles(cwd, { "b.txt": "b" });
  expect(await readAuthor(cwd, { USER: "ada" })).toMatchObject({ commit, isChanged: true });
});

test("a CI, for whoever started its run, without git", async () => {
  const cwd = await makeFolder();
  const github = {
    USER: "runner",
    GITHUB_ACTOR: "ada",
    GITHUB_SERVER_URL: "https://github.example",
    GITHUB_REPOSITORY: "shop/streams",
    GITHUB_RUN_ID: "7",
  };
  expect(await readAuthor(cwd, github)).toMatchObject({
    user: "ada",
    run: "https://github.example/shop/streams/actions/runs/7",
  });
  const nobody = await readAuthor(cwd, { CI: "true" });
  expect(nobody).toMatchObject({ user: "unknown", run: "CI" });
  expect(nobody).not.toHaveProperty("commit");
});
