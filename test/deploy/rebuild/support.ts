import { execPath } from "node:process";
import { Long, type Document, type Timestamp } from "bson";
import { onTestFinished, vi } from "vitest";
import { openRebuild } from "../../../src/cli/open-rebuild.ts";
import { runRebuild, type RebuildResult, type RunRebuildOptions } from "../../../src/cli/run-rebuild.ts";
import type { RebuildListener, RebuildParts } from "../../../src/deploy/rebuild/rebuild.ts";
import type { Target } from "../../../src/deploy/targets/target.ts";
import type { Finding } from "../../../src/diagnostics/finding.ts";
import type { RunningEmulator } from "../../../src/testing/index.ts";
import { loadProject } from "../../../src/testing/project.ts";
import { addFiles, makeFolder } from "../../cli/run-cli.ts";
import { adminApi, variablesOf } from "../../cli/emulator-settings.ts";
import type { TestDatabase } from "../../support/mongod.ts";
import { openEmulator, openTarget } from "../support.ts";

const config = `events: { connectionName: events, db: DB, coll: events }
connections:
  events: { type: Cluster, name: Cluster0, uri: "\${CLUSTER}" }
  domain: { type: Cluster, name: Cluster0, uri: "\${CLUSTER}" }
collections:
  - { connectionName: domain, db: DB, coll: orders, indexes: [{ key: { status: 1 } }] }
environments:
  local: { target: emulator }
  staging:${adminApi()}
    checkpoints: { db: DB }
  wired: { target: wire, workspace: local, uri: "\${WIRE}", checkpoints: { db: DB } }
  recorded: { target: wire, workspace: local, uri: "\${WIRE}", checkpoints: { db: DB }, record: { connectionName: domain, db: DB }, connections: { events: { uri: '\${exec:"NODE" -p process.env.CLUSTER}' } } }
  unset: { target: wire, workspace: local, uri: "\${WIRE}", connections: { domain: { uri: "\${NOWHERE}" } } }
`;

/** What the projection is, before and after it is changed: the second handles one more type of event, so its `$source` is another one. */
export const modules = {
  first: `import { defineProjection, remove } from "asp-toolkit";
export default defineProjection({
  name: "orders",
  into: { connectionName: "domain", db: "DB", coll: "orders" },
  initial: { status: "new", total: 0 },
  on: {
    Placed: () => ({ status: "placed" }),
    Added: ({ data }, view) => ({ total: { $add: [view.total, data.price] } }),
    Removed: () => remove(),
  },
});
`,
  second: `import { defineProjection, remove } from "asp-toolkit";
export default defineProjection({
  name: "orders",
  into: { connectionName: "domain", db: "DB", coll: "orders" },
  initial: { status: "new", total: 0, items: 0 },
  on: {
    Placed: () => ({ status: "placed" }),
    Added: ({ data }, view) => ({ total: { $add: [view.total, data.price] }, items: { $add: [view.items, 1] } }),
    Paid: () => ({ status: "paid" }),
    Removed: () => remove(),
  },
});
`,
} as const;

export interface StoredEvent {
  readonly _id: string;
  readonly streamId: string;
  readonly version: number;
  readonly type: "Placed" | "Added" | "Paid" | "Removed";
  readonly occurredAt: Date;
  readonly data: { readonly price?: number };
}

/** What plain JavaScript makes of the events: nothing here is asp's. */
export function fold(events: readonly StoredEvent[], which: keyof typeof modules): readonly Document[] {
  const orders = new Map<string, Document>();
  for (const { streamId, type, data } of events) {
    if (which === "first" && type === "Paid") continue;
    const initial = which === "first" ? { status: "new", total: 0 } : { status: "new", total: 0, items: 0 };
    const order: Document = orders.get(streamId) ?? { _id: streamId, ...initial };
    if (type === "Removed") {
      orders.delete(streamId);
      continue;
    }
    if (type === "Placed") order["status"] = "placed";
    if (type === "Paid") order["status"] = "paid";
    if (type === "Added") {
      order["total"] += data.price ?? 0;
      if (which === "second") order["items"] += 1;
    }
    orders.set(streamId, order);
  }
  return [...orders.values()].toSorted((a, b) => (a["_id"] < b["_id"] ? -1 : 1));
}

export interface Shop {
  readonly emulator: RunningEmulator;
  readonly target: Target;
  readonly db: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Every event that is stored, in order. */
  readonly events: readonly StoredEvent[];
  write(count: number): Promise<void>;
  /** Goes on writing until it is called. */
  keepWriting(): () => Promise<void>;
  define(which: keyof typeof modules, change?: (text: string) => string): Promise<void>;
  /** As `asp deploy` would. */
  deploy(which: keyof typeof modules): Promise<void>;
  rebuild(options?: RebuildRun): Promise<{ readonly result?: RebuildResult; readonly findings: readonly Finding[] }>;
  /** Without `_asp` and tombstones, when the live processor has handled all that is written. */
  orders(): Promise<readonly Document[]>;
  processors(): Promise<Readonly<Record<string, string>>>;
  collections(): Promise<readonly string[]>;
}

export interface RebuildRun extends Partial<Pick<RunRebuildOptions, "goal">> {
  readonly environment?: string;
  readonly maySwap?: boolean;
  readonly on?: Partial<RebuildListener>;
  readonly change?: (parts: RebuildParts) => RebuildParts;
  /** Hears of the lock that a swap or a rollback is done under. */
  readonly onLock?: (lost: AbortSignal) => void;
}

const streams = 40;

export async function openShop(mongod: TestDatabase): Promise<Shop> {
  const emulator = await openEmulator(mongod);
  const target = await openTarget("wire", emulator);
  const db = mongod.freshDb();
  const database = mongod.client.db(db);
  const cwd = await makeFolder({
    "atlas.config.yaml": config.replaceAll("DB", db).replace("NODE", execPath),
  });
  const env = variablesOf(emulator);
  const events: StoredEvent[] = [];
  const versions = new Map<string, number>();
  await database.collection("events").createIndex({ streamId: 1, version: 1 });

  const next = (): StoredEvent => {
    const number = events.length;
    const streamId = `order-${(number * 17) % streams}`;
    const version = (versions.get(streamId) ?? 0) + 1;
    versions.set(streamId, version);
    const type = (["Placed", "Added", "Added", "Added", "Paid", "Added", "Added", "Removed"] as const)[
      (version - 1) % 8
    ];
    return {
      _id: `e${number}`,
      streamId,
      version,
      type: type ?? "Added",
      occurredAt: new Date(1_700_000_000_000 + number),
      data: type === "Added" ? { price: (number % 9) + 1 } : {},
    };
  };
  const write = async (count: number): Promise<void> => {
    const batch: StoredEvent[] = [];
    for (let n = 0; n < count; n += 1) {
      const event = next();
      events.push(event);
      batch.push(event);
    }
    // Some event stores write versions as 64-bit numbers.
    const stored = batch.map((event) => ({
      ...event,
      version: event.version % 2 === 0 ? Long.fromNumber(event.version) : event.version,
    }));
    await database.command({ insert: "events", documents: stored });
  };
  const caughtUp = async (): Promise<void> => {
    const { operationTime } = await mongod.client.db("admin").command({ ping: 1 });
    await vi.waitUntil(
      async () => (await target.stats("orders"))?.changeStreamTime?.greaterThanOrEqual(operationTime as Timestamp),
      {
        timeout: 20_000,
        interval: 50,
      },
    );
  };

  const shop: Shop = {
    emulator,
    target,
    db,
    cwd,
    env,
    events,
    write,
    keepWriting: () => {
      let isOver = false;
      const writing = (async () => {
        while (!isOver) {
          await write(3);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      })();
      const stop = async (): Promise<void> => {
        isOver = true;
        await writing;
      };
      // Also where the test fails.
      onTestFinished(stop);
      return stop;
    },
    define: (which, change = (text) => text) =>
      addFiles(cwd, { "pipelines/orders.ts": change(modules[which].replaceAll("DB", db)) }),
    deploy: async (which) => {
      await shop.define(which);
      const { definitions } = await loadProject({ cwd, environmentName: "staging", variables: env });
      const { definition } = definitions.get("orders") ?? {};
      if (definition === undefined) throw new Error("it does not compile");
      await target.create(definition);
      await target.start("orders");
    },
    rebuild: async ({
      goal = "build",
      environment: environmentName = "staging",
      maySwap = true,
      on,
      change = (parts: RebuildParts) => parts,
      onLock = () => undefined,
    } = {}) => {
      const project = await loadProject({ cwd, environmentName, variables: env, only: ["orders"] });
      const wrong = project.findings.filter(({ severity }) => severity === "error");
      const { environment } = project;
      if (environment === undefined || wrong.length > 0) return { findings: wrong };
      const definitions = [...project.definitions.values()].map(({ definition }) => definition);
      const { signal } = new AbortController();
      const silent: RebuildListener = {
        step: () => undefined,
        filled: () => undefined,
        skipped: () => undefined,
        behind: () => undefined,
      };
      const { opened, findings } = await openRebuild(
        { environment, definitions, values: project.values },
        {
          name: "orders",
          on: { ...silent, ...on },
          builds: goal === "build" || goal === "swap",
          pollMs: 20,
          eventsPerSlice: 100,
        },
        { cwd, env, signal, progress: () => undefined },
      );
      if (opened === undefined) return { findings };
      try {
        const { digest, parts, exclusively } = opened;
        const ran = await runRebuild(change(parts), {
          goal,
          digest,
          exclusively: (work) =>
            exclusively((lost) => {
              onLock(lost);
              return work(lost);
            }),
          maySwap: () => Promise.resolve(maySwap),
          mayDrop: () => Promise.resolve(true),
        });
        return { ...ran, findings: [...findings, ...ran.findings] };
      } finally {
        await opened.close();
      }
    },
    orders: async () => {
      await caughtUp();
      return await database
        .collection<Document>("orders")
        .aggregate([{ $match: { "_asp.deleted": { $ne: true } } }, { $unset: "_asp" }, { $sort: { _id: 1 } }])
        .toArray();
    },
    processors: async () => Object.fromEntries((await target.processors()).map(({ name, state }) => [name, state])),
    collections: async () =>
      (await database.listCollections().toArray())
        .map(({ name }) => name)
        .filter((name) => name.startsWith("orders"))
        .toSorted(),
  };
  onTestFinished(() =>
    mongod.client
      .db(db)
      .dropDatabase()
      .then(() => undefined),
  );
  return shop;
}
