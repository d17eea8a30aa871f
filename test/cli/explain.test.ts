import { expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

test("explain prints the page of a code, however it is written", async () => {
  const { code, stdout, stderr } = await runCli(["explain", "ASP4154"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^# ASP4154: /u);
  expect((await runCli(["explain", "4154"])).stdout).toBe(stdout);
  expect((await runCli(["explain", "asp4154"])).stdout).toBe(stdout);
});

test("explain suggests a code that is near", async () => {
  expect(await runCli(["explain", "ASP9O00"])).toMatchObject({
    code: 64,
    stdout: "",
    stderr: expect.stringContaining("did you mean `asp explain ASP"),
  });
});

test.each(["../../package", "orders"])("%s is no code", async (asked) => {
  expect(await runCli(["explain", asked])).toEqual({
    code: 64,
    stdout: "",
    stderr:
      `asp: there is no finding \`${asked}\`\n` +
      "a code is ASP and four digits, as it stands in brackets after `error` or `warning`; `asp explain` lists all\n",
  });
});
