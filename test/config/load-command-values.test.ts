import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { interpolate } from "../../src/config/interpolate.ts";
import { loadCommandValues } from "../../src/config/load-command-values.ts";
import { splitCommand } from "../../src/config/split-command.ts";

const node = process.execPath;
const { signal } = new AbortController();
const js = (code: string): string => `\${exec:${node} -e "${code}"}`;
const load = (used: unknown, env = {}, timeoutMs = 20_000) => loadCommandValues(used, { env, signal, timeoutMs });

test.each([
  ["az keyvault secret show --name x -o tsv", ["az", "keyvault", "secret", "show", "--name", "x", "-o", "tsv"]],
  [`node -e "console.log('a b')"`, ["node", "-e", "console.log('a b')"]],
  [`  a  '' "b"c\t$HOME;`, ["a", "", "bc", "$HOME;"]],
  ["C:\\tools\\vault.exe read", ["C:\\tools\\vault.exe", "read"]],
  ['a "b', undefined],
])("%s is parted without a shell", (text, words) => expect(splitCommand(text)).toEqual(words));

test("what a command prints, without blanks around it, is the value, also within a text", async () => {
  const text = `mongodb://u:${js("console.log(' s3cret ')")}@\${HOST}/`;
  const { env, findings } = await load({ auth: [text] }, { HOST: "h" });
  expect(findings).toEqual([]);
  expect(interpolate(text, env)).toEqual({ value: "mongodb://u:s3cret@h/" });
});

test("a command runs once, however often it is used, and not again where it was run", async () => {
  const folder = await mkdtemp(join(tmpdir(), "asp-exec-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "runs");
  const text = js(`require('node:fs').appendFileSync('${file}', 'x'), console.log('v')`);
  const first = await load([text, { again: text }, `${text} and ${text}`]);
  const second = await load(text, first.env);
  expect(interpolate(`${text} and ${text}`, second.env)).toEqual({ value: "v and v" });
  expect(await readFile(file, "utf8")).toBe("x");
});

test("it has the variables of the process, and no others", async () => {
  const text = js("console.log(process.env.TOKEN, process.env.HOME)");
  const { env } = await load(text, { TOKEN: "t" });
  expect(interpolate(text, env)).toEqual({ value: "t undefined" });
});

test.each([
  [
    "fails",
    "console.log('s3cret'), console.error('first\\nno such s3cret'), process.exit(3)",
    "ended with exit code 3",
    ["it says: no such •"],
  ],
  [
    "says a password",
    "console.error('password=s3cret'), process.exit(1)",
    "ended with exit code 1",
    ["it says: password=••••••"],
  ],
  ["prints nothing", "0", "printed nothing", undefined],
  ["is killed", "process.kill(process.pid)", "ended before its time", undefined],
])("one that %s is a finding with what it said last, and nothing that it printed", async (_, code, how, notes) => {
  const { findings, env } = await load(js(code));
  expect(findings).toMatchObject([{ code: "ASP6066", severity: "error", message: expect.stringContaining(how) }]);
  expect(findings[0]?.notes).toEqual(notes);
  expect(JSON.stringify(findings).replace(code, "")).not.toMatch(/: s3cret|=s3cret/);
  expect(Object.keys(env)).toEqual([]);
});

test("one that takes too long, one that is not there, and a quote that is open are told", async () => {
  const slow = await load(js("setTimeout(Object, 60000)"), {}, 300);
  expect(slow.findings[0]?.message).toContain("took longer than 0.3 s");
  const missing = await load("${exec:/nowhere/vault read}");
  expect(missing.findings[0]?.message).toContain("`/nowhere/vault read` of the config was not found");
  const open = await load('${exec:a "b}');
  expect(open.findings[0]?.message).toContain("a quote that is not closed");
});

test("where nothing runs commands, one is an error, and an empty one is none", () => {
  expect(interpolate("${exec:vault read}", {}).finding).toMatchObject({
    code: "ASP6067",
    message: "`${exec:vault read}` is not run here",
  });
  expect(interpolate("${exec: }", {}).finding).toMatchObject({ code: "ASP4007" });
  expect(interpolate("$${exec:vault read}", {})).toEqual({ value: "${exec:vault read}" });
});
