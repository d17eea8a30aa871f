import { resolve } from "node:path";
import type { EmulatorAddresses, RunningEmulator } from "../../emulator/emulator-types.ts";
import { Interruption } from "../context.ts";
import type { CommandContext } from "../context.ts";
import { defineCommand } from "../define-command.ts";
import { Exit } from "../exit.ts";
import { countsAsFailure, type Outcome } from "../outcome.ts";
import { parsePort } from "../parse-port.ts";
import { mongodDied } from "../mongod-died.ts";
import { whenAborted } from "../when-aborted.ts";

/** What `--json` prints of an emulator, in this order. */
const addressNames: (keyof EmulatorAddresses)[] = [
  "wire",
  "adminApi",
  "caFile",
  "projectId",
  "workspace",
  "clientId",
  "clientSecret",
  "publicKey",
  "privateKey",
  "clusterUri",
  "clusterName",
];

const silent: Outcome = { text: "", json: undefined, jsonText: "" };

export const emulator = defineCommand({
  name: "emulator",
  summary: "A local ASP workspace that mongosh and Admin API clients can talk to",
  about:
    "Starts a mongod (or uses the replica set at --uri), a wire endpoint for mongosh and drivers, and an Admin API endpoint. Once both\n" +
    "take requests it prints READY and what a client needs to come in; with --json as one line of JSON. The workspace has\n" +
    "sample_stream_solar and each Cluster connection of atlas.config.yaml, or Cluster0 where there is no config. It listens on\n" +
    "loopback only, unless --host says otherwise.\n\n" +
    "Without --data everything is gone at the end; with it, processors come back as they were and go on from their checkpoints.\n\n" +
    "Exit code: 130 after Ctrl-C, 0 after SIGTERM, 3 where something could not be started.",
  examples: [
    "asp emulator",
    "asp emulator --data .asp/emulator --wire-port 27018 --admin-port 8443",
    "asp emulator --json --seed seed.yaml",
    "asp emulator --time virtual",
  ],
  options: {
    wirePort: { flag: "--wire-port <port>", about: "of the wire endpoint; default any that is free", parse: parsePort },
    adminPort: { flag: "--admin-port <port>", about: "of the Admin API; default any that is free", parse: parsePort },
    host: { flag: "--host <address>", about: "address to listen on; default 127.0.0.1" },
    uri: { flag: "--uri <uri>", about: "a replica set to run on; default a mongod of its own" },
    data: { flag: "--data <dir>", about: "keep everything here between runs" },
    seed: {
      flag: "--seed <file>",
      about: "users, keys, workspaces, connections and processors to begin with (YAML or JSON)",
    },
    faults: { flag: "--faults <file>", about: "replies of the Admin API that go wrong on purpose (YAML or JSON)" },
    noTls: { flag: "--no-tls", about: "without TLS: for clients that cannot trust a certificate of one's own" },
    time: {
      flag: "--time <clock>",
      about: "virtual: the clock of windows and schedules stands still until it is moved on",
      choices: ["wall", "virtual"],
    },
  },
  async run({ options }, ctx) {
    const [{ loadCommandValues }, { readEmulatorFiles }, { startEmulator }] = await Promise.all([
      import("../../config/load-command-values.ts"),
      import("../read-emulator-files.ts"),
      import("../../emulator/start-emulator.ts"),
    ]);
    const { environment, seed, faults, findings, source } = await readEmulatorFiles(options, ctx);
    if (countsAsFailure(findings, { strict: false })) {
      const { withoutResult } = await import("../without-result.ts");
      return withoutResult(findings, source);
    }
    const { env, findings: failed } = await loadCommandValues(environment?.connections, ctx);
    // Only a processor that uses the connection needs it.
    await ctx.report([...findings, ...failed.map((each) => ({ ...each, severity: "warning" as const }))], source);
    const running = await startEmulator({
      env,
      signal: ctx.signal,
      onProgress: ctx.progress,
      log: ctx.progress,
      ...(environment && { environment }),
      ...(seed && { seed }),
      ...(faults && { faults }),
      ...(options.wirePort === undefined ? {} : { wirePort: options.wirePort }),
      ...(options.adminPort === undefined ? {} : { adminPort: options.adminPort }),
      ...(options.host === undefined ? {} : { host: options.host }),
      ...(options.uri === undefined ? {} : { uri: options.uri }),
      ...(options.data === undefined ? {} : { dataDir: resolve(ctx.cwd, options.data) }),
      ...(options.time && { time: options.time }),
      tls: !options.noTls,
    });
    return await runUntilStopped(running, ctx);
  },
});

async function runUntilStopped(running: RunningEmulator, ctx: CommandContext): Promise<Outcome> {
  try {
    // It says that it is ready, and goes on: what ends it later is no part of the value.
    ctx.stdout.write(ctx.globals.json ? `${JSON.stringify(running, addressNames)}\n` : renderAddresses(running));
    await Promise.race([whenAborted(ctx.signal), mongodDied(running)]);
  } catch (error) {
    // Not awaited: processors would retry on the mongod that is gone.
    running.close().catch(() => undefined);
    throw error;
  }
  ctx.progress("stopping: batches in flight are finished and checkpoints written; again to leave at once");
  await Promise.race([running.close(), whenAborted(ctx.forced)]);
  const { reason } = ctx.signal;
  return { ...silent, exit: reason instanceof Interruption && reason.signal === "SIGINT" ? Exit.interrupted : Exit.ok };
}

function renderAddresses({
  wire,
  adminApi,
  caFile,
  projectId,
  workspace,
  clientId,
  clientSecret,
  publicKey,
  privateKey,
  clusterUri,
  clusterName,
}: EmulatorAddresses): string {
  const lines: readonly (readonly [string, string])[] = [
    ["mongosh", `mongosh "${wire}"`],
    ["Admin API", `${adminApi}/api/atlas/v2/groups/${projectId}/streams/${workspace}`],
    ...(caFile === undefined ? [] : [["  authority", caFile] as const]),
    ["  service account", `${clientId} ${clientSecret}`],
    ["  API key", `${publicKey} ${privateKey}`],
    [clusterName, clusterUri],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  const rows = lines.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  return `READY: workspace ${workspace}\n${rows.join("\n")}\n`;
}
