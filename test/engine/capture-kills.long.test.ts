import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { readCaptured } from "./captured-files.ts";

const child = fileURLToPath(new URL("capture-child.ts", import.meta.url));
const kills = 25;

/** Runs until it is killed, after it has said something at least; gives the number that comes after what is on the disk. */
async function runAndKill(dir: string, from: number, afterMs: number): Promise<number> {
  const process_ = spawn(process.execPath, ["--import", "tsx", child, dir, String(from)]);
  let said = "";
  let complaint = "";
  process_.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  process_.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = once(process_, "close");
  const first = await Promise.race([once(process_.stdout, "data"), ended.then(() => undefined)]);
  if (first === undefined) throw new Error(`it could not go on: ${complaint}`);
  await sleep(afterMs);
  process_.kill("SIGKILL");
  await ended;
  return Number(said.slice(0, said.lastIndexOf("\n")).split("\n").at(-1));
}

test("killed again and again, it loses nothing that was on the disk, and no file is ever half", async () => {
  const dir = mkdtempSync(join(tmpdir(), "asp-capture-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  let next = 1;
  for (let round = 0; round < kills; round += 1) {
    next = await runAndKill(dir, next, 20 + ((round * 37) % 150));
    for (const { bytes } of readCaptured(dir)) gunzipSync(bytes);
  }
  const files = readCaptured(dir).map(({ bytes }) => gunzipSync(bytes).toString().split("\n"));
  const numbers = files.flat().map((line) => (JSON.parse(line) as { readonly n: number }).n);
  expect(files.every((lines) => lines.length === 70)).toBe(true);
  // The last file is still open, and what came after the last word of each process is there twice.
  const distinct = [...new Set(numbers)].toSorted((a, b) => a - b);
  expect(distinct).toEqual(Array.from({ length: distinct.length }, (_, index) => index + 1));
  expect(next - distinct.length).toBeLessThanOrEqual(70);
  expect(next).toBeGreaterThan(1000);
}, 300_000);
