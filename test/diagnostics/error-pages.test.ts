import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { notRun, shownBy, withExamples } from "./shown-pages.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Source files without their comments: an example in a docstring is not a use. */
const sources = readdirSync(`${root}src`, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({
    file,
    text: readFileSync(`${root}src/${file}`, "utf8").replaceAll(/^\s*(\/\*\*|\*|\/\/).*$/gm, ""),
  }));

const pages = readdirSync(`${root}docs/errors`).filter((file) => file.endsWith(".md"));

const codesIn = (pattern: RegExp): readonly { code: string; file: string }[] =>
  sources.flatMap(({ file, text }) => [...text.matchAll(pattern)].map((match) => ({ code: match[1] ?? "", file })));

const defined = codesIn(/defineFinding(?:<[\s\S]*?>)?\(\s*"(ASP\d+)"/g);
const thrown = codesIn(/AspError\(\s*"(ASP\d+)"/g);
const mentioned = codesIn(/["'`](ASP\d{4})["'`]/g);

test("the scan sees the codes", () => expect(defined.length).toBeGreaterThan(10));

test("every code has a page", () => {
  const codes = new Set([...defined, ...thrown, ...mentioned].map(({ code }) => code));
  expect([...codes].filter((code) => !pages.includes(`${code}.md`)).toSorted()).toEqual([]);
});

test("every page has a code", () => {
  const codes = new Set(mentioned.map(({ code }) => code));
  expect(pages.filter((page) => !codes.has(page.replace(".md", "")))).toEqual([]);
});

test("a code is declared once", () => {
  const codes = defined.map(({ code }) => code);
  const repeated = defined.filter(({ code }, index) => codes.indexOf(code) !== index);
  expect(repeated).toEqual([]);
});

test("a code is ASP and four digits", () => {
  expect([...defined, ...thrown].filter(({ code }) => !/^ASP\d{4}$/.test(code))).toEqual([]);
});

test.each(pages)("%s begins with its code", (page) => {
  expect(readFileSync(`${root}docs/errors/${page}`, "utf8")).toMatch(new RegExp(`^# ${page.replace(".md", "")}\\b`));
});

test("every page with a wrong example has it run, or is named among those that cannot be", () => {
  const run = Object.values(shownBy).flat();
  expect(new Set(run).size).toBe(run.length);
  expect([...run, ...Object.keys(notRun)].toSorted()).toEqual(withExamples.toSorted());
});

test.each(Object.entries(notRun))("%s, whose example is not run, is seen in a test", (code, { seenIn }) => {
  const text = readFileSync(`${root}test/${seenIn}`, "utf8");
  expect(text.split("\n").some((line) => line.includes(code) && !line.trimStart().startsWith("//"))).toBe(true);
});
