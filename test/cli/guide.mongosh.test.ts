import { appendFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { execPath, kill } from "node:process";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "./run-cli.ts";
import { mongosh } from "../support/mongosh.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A fenced block of the guide. */
interface Block {
  readonly language: string;
  /** What stands behind the language: `file=…`, `append=…` or `exit=…`. */
  readonly role: Readonly<Record<string, string>>;
  readonly text: string;
  readonly line: number;
}

function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\w+)(.*)\n([^]*?)^```$/gmu)].map(
    ({ 1: language = "", 2: rest = "", 3: text = "", index }) => ({
      language,
      role: Object.fromEntries(
        [...rest.matchAll(/(\w+)=(\S+)/gu)].map(({ 1: key = "", 2: value = "" }) => [key, value]),
      ),
      text,
      line: markdown.slice(0, index).split("\n").length,
    }),
  );
}

/** The commands that a reader has: this build for `npx asp`, the real mongosh, and a package that is installed. */
async function makeCommands(): Promise<string> {
  const bin = await makeFolder({});
  const main = join(root, "dist/cli/main.js");
  const npx = `#!/bin/sh
[ "$1" = --package ] && shift 2
case "$1" in
  asp) shift; exec "${execPath}" "${main}" "$@" ;;
  mongosh) shift; exec "${execPath}" "${mongosh}" "$@" ;;
esac
echo "no command $1" >&2; exit 127
`;
  const npm = `#!/bin/sh
[ "$1" = install ] || exit 127
mkdir -p node_modules && ln -s "${root}" node_modules/asp-toolkit
`;
  for (const [name, text] of Object.entries({ npx, npm })) await writeFile(join(bin, name), text, { mode: 0o755 });
  await symlink(execPath, join(bin, "node"));
  return bin;
}

/** What an expected line and a line that is there have in common: single spaces. */
const plain = (line: string): string => line.trim().replaceAll(/\s+/gu, " ");

/** Each line in its turn, whatever stands around it. */
function expectLines(output: string, expected: string, where: string): void {
  const there = output.split("\n").map(plain);
  let from = 0;
  for (const line of expected.split("\n").map(plain)) {
    if (line === "" || line === "…") continue;
    const at = there.findIndex((each, index) => index >= from && each.includes(line));
    expect(at, `${where}: no line has ${JSON.stringify(line)} in\n${output}`).toBeGreaterThanOrEqual(0);
    from = at + 1;
  }
}

interface Addresses {
  readonly adminApi: string;
  readonly projectId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A client of the Admin API that is none of ours: names and states of the processors. */
async function lookOn(folder: string): Promise<readonly (readonly [string, string])[]> {
  const emulator = JSON.parse(await readFile(join(folder, "emulator.json"), "utf8")) as Addresses & { caFile: string };
  const ca = await readFile(emulator.caFile);
  const ask = async (path: string, headers: Record<string, string>, body?: string): Promise<unknown> => {
    const asked = request(emulator.adminApi + path, { ca, headers, method: body === undefined ? "GET" : "POST" });
    asked.end(body);
    const [reply] = (await once(asked, "response")) as [IncomingMessage];
    return JSON.parse((await reply.toArray()).join(""));
  };
  const basic = Buffer.from(`${emulator.clientId}:${emulator.clientSecret}`).toString("base64");
  const form = { authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" };
  const given = (await ask("/api/oauth/token", form, "grant_type=client_credentials")) as { access_token: string };
  const page = (await ask(`/api/atlas/v2/groups/${emulator.projectId}/streams/local/processors`, {
    authorization: `Bearer ${given.access_token}`,
    accept: "application/vnd.atlas.2024-05-30+json",
  })) as { readonly results: readonly { readonly name: string; readonly state: string }[] };
  return page.results.map(({ name, state }) => [name, state]);
}

/** What the outside client sees after some of the commands. */
const seen: readonly (readonly [after: string, processors: readonly (readonly [string, string])[]])[] = [
  ["asp deploy -e staging --yes", [["orders", "STARTED"]]],
  [
    "--rollback",
    [
      ["orders", "STARTED"],
      ["orders__v2", "STOPPED"],
    ],
  ],
  ["--drop-old", [["orders", "STARTED"]]],
];

test("docs/guide.md is true from its first command to its last", { timeout: 300_000 }, async () => {
  const bin = await makeCommands();
  const base = await makeFolder({});
  const state = join(base, "state.sh");
  await writeFile(state, `cd ${base}\n`);
  onTestFinished(async () => {
    const pid = await readFile(join(base, "shop/emulator.pid"), "utf8").catch(() => "");
    if (pid !== "")
      try {
        kill(Number(pid), "SIGKILL");
      } catch {
        /* it has ended, as the guide says */
      }
  });
  const { CI: _, NO_COLOR: __, ...inherited } = process.env;
  const env = { ...inherited, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
  const shop = join(base, "shop");
  let output = "";
  for (const { language, role, text, line } of blocksOf(await readFile(join(root, "docs/guide.md"), "utf8"))) {
    const where = `docs/guide.md:${line}`;
    if (role["file"] !== undefined) {
      await mkdir(shop, { recursive: true });
      await writeFile(join(shop, role["file"]), text);
    } else if (role["append"] !== undefined) await appendFile(join(shop, role["append"]), text);
    else if (language === "text") expectLines(output, text, where);
    else if (language === "sh") {
      // One reader, one shell: the folder and the variables stay.
      const script = `. ${state}\nset -e\n${text}\nstatus=$?\n{ export -p; declare -f; echo "cd $PWD"; } > ${state}\nexit $status`;
      const ran = await execa("bash", ["-c", script], { env, extendEnv: false, reject: false, all: true });
      output = ran.all;
      expect(ran.exitCode, `${where}: ${text}\n${output}`).toBe(Number(role["exit"] ?? 0));
      for (const [after, processors] of seen)
        if (text.includes(after)) expect(await lookOn(shop), where).toEqual(processors);
    } else expect.fail(`${where}: a block of ${language} that nobody runs`);
  }
});
