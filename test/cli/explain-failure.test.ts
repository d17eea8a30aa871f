import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MongoNetworkError, MongoParseError } from "mongodb";
import { describe, expect, test } from "vitest";
import { AspError } from "../../src/diagnostics/asp-error.ts";
import { explainFailure } from "../../src/cli/explain-failure.ts";
import { makeFolder } from "./run-cli.ts";

const ctx = { version: "1.2.3", runtime: { node: "20.19.0", platform: "linux x64" } };

describe("whose fault a thrown value is", () => {
  test("an AspError is the world's; its further lines and its cause are notes", () => {
    const cause = new MongoNetworkError("connect ECONNREFUSED 127.0.0.1:1");
    const error = new AspError("ASP5200", "no mongod was found:\n  - PATH: none", { help: "install one", cause });
    expect(explainFailure(error, ctx)).toMatchObject({
      exit: 3,
      finding: {
        code: "ASP5200",
        message: "no mongod was found:",
        notes: ["PATH: none", "connect ECONNREFUSED 127.0.0.1:1"],
        help: "install one",
      },
    });
  });

  test("a cause that may quote a connection string is not shown", () => {
    const cause = new MongoParseError("mongodb://user:secret@host is wrong");
    const { finding } = explainFailure(new AspError("ASP4132", "cannot connect", { cause }), ctx);
    expect(JSON.stringify(finding)).not.toContain("secret");
  });

  test("a file that cannot be written is the world's, with its path", async () => {
    const path = join(await makeFolder({ file: "" }), "file", "below");
    const error: unknown = await writeFile(path, "").catch((thrown: unknown) => thrown);
    expect(explainFailure(error, ctx)).toMatchObject({
      exit: 3,
      finding: { code: "ASP4155", message: `\`${path}\`: a part of the path is not a folder` },
    });
  });

  test.runIf(existsSync("/dev/full"))("a full disk is the world's", async () => {
    const error: unknown = await writeFile("/dev/full", "x").catch((thrown: unknown) => thrown);
    expect(explainFailure(error, ctx)).toMatchObject({
      exit: 3,
      finding: {
        code: "ASP4155",
        message: "the file system refused: no space left on the device",
        help: "make room on the disk, then run the command again",
      },
    });
  });

  test("a driver's error is the world's", () => {
    const error = new MongoNetworkError("timed out");
    expect(explainFailure(error, ctx)).toMatchObject({ exit: 3, finding: { code: "ASP4156" } });
  });

  test.each([new TypeError("x is undefined"), "a text", undefined])("%s is ours, and asks for a report", (thrown) => {
    const { finding, exit } = explainFailure(thrown, ctx);
    expect(exit).toBe(70);
    expect(finding).toMatchObject({
      code: "ASP9000",
      message: expect.stringContaining("this is a bug in asp: "),
      notes: ["asp 1.2.3, Node 20.19.0, linux x64"],
    });
  });
});
