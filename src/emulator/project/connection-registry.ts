import { isDeepStrictEqual } from "node:util";
import { ObjectId } from "bson";
import { connectionTypes } from "../../config/connection-schema.ts";
import type { Connection } from "../../config/environment.ts";
import { checkRegistryName, clusterConnection } from "../../config/registry-name.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { sampleConnection } from "../../stages/sample-data.ts";
import type { ConnectionRecord, ConnectionRegistry } from "../project-types.ts";
import { connectionInUse, connectionNameTaken, connectionRefused, noSuchConnection } from "./refusals.ts";
import type { KnownSettings } from "./real-connections.ts";
import type { Store } from "./store.ts";

interface Kept {
  readonly _id: string;
  readonly tenant: string;
  readonly name: string;
  readonly settings: Connection;
  readonly hasVariables: boolean;
  /** Fields that came through a door all the same: nothing in them is a variable. */
  readonly literal?: readonly string[];
  readonly readyAtMs: number;
}

export interface ConnectionRegistryOptions {
  readonly store: Store;
  /** Id of the workspace. */
  readonly tenant: string;
  readonly region: () => string;
  readonly clusterNames: readonly string[];
  /** Names of the started processors that use a connection. */
  readonly usersOf: (name: string) => readonly string[];
  /** How long a connection is PENDING, in milliseconds. */
  readonly pendingMs: number;
  readonly now: () => number;
  readonly onChange: (name: string) => Promise<void>;
}

/** The registry, with what only the emulator itself may ask of it. */
export interface OwnConnectionRegistry extends ConnectionRegistry {
  settings(name: string): KnownSettings | undefined;
  /** With the workspace. */
  removeAll(): Promise<void>;
}

export async function openConnectionRegistry(options: ConnectionRegistryOptions): Promise<OwnConnectionRegistry> {
  const { store, tenant, region, clusterNames, usersOf, pendingMs, now, onChange } = options;
  const kept = new Map<string, Kept>();
  for (const each of await store.load<Kept>("connections", { tenant })) kept.set(each.name, each);

  const toRecord = ({ _id, name, settings, readyAtMs }: Kept): ConnectionRecord => ({
    id: _id,
    name,
    settings,
    state: now() < readyAtMs ? "PENDING" : "READY",
    region: settings.region ?? region(),
  });
  const save = async (one: Kept): Promise<Kept> => {
    await store.save("connections", { ...one });
    kept.set(one.name, one);
    await onChange(one.name);
    return one;
  };
  const demand = (name: string): Kept => {
    const found = kept.get(name);
    if (found === undefined) throw noSuchConnection(name);
    return found;
  };
  const demandIdle = (name: string): void => {
    const users = usersOf(name);
    if (users.length > 0) throw connectionInUse(name, users);
  };
  const check = (name: string, settings: Partial<Connection>): Connection => {
    const { type, clusterName } = settings;
    if (type === undefined) throw connectionRefused(name, "it has no `type`");
    if (!(connectionTypes as readonly string[]).includes(type)) {
      throw connectionRefused(name, `\`${type}\` is no type of connection`, didYouMean(type, connectionTypes));
    }
    const strange = checkRegistryName(type === "Cluster" ? clusterConnection : "connection", name);
    if (strange !== undefined) throw connectionRefused(name, `a name is 1 to 64 ${strange.allowed}`, strange.help);
    if (type === "Cluster" && !clusterNames.includes(clusterName ?? "")) {
      throw connectionRefused(
        name,
        clusterName === undefined ? "it has no `clusterName`" : `the project has no cluster \`${clusterName}\``,
        didYouMean(clusterName ?? "", clusterNames) ?? `clusters: ${clusterNames.join(", ")}`,
      );
    }
    if (type === "Sample" && name !== sampleConnection) {
      throw connectionRefused(name, "there is no sample data of this name", `name it \`${sampleConnection}\``);
    }
    return { ...settings, type };
  };
  // What is looked up stays so until it is changed.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };
  const make = async (name: string, settings: Connection, hasVariables: boolean, pending: number): Promise<Kept> =>
    save({ _id: new ObjectId().toHexString(), tenant, name, settings, hasVariables, readyAtMs: now() + pending });

  return {
    list: () => [...kept.values()].map(toRecord),
    find: (name) => {
      const found = kept.get(name);
      return found === undefined ? undefined : toRecord(found);
    },
    settings: (name) => kept.get(name),
    create: (name, settings) =>
      inTurn(async () => {
        if (kept.has(name)) throw connectionNameTaken(name);
        const made = await make(name, check(name, settings), false, pendingMs);
        // Also one that is ready at once is first seen as it is on the service.
        return { ...toRecord(made), state: "PENDING" };
      }),
    update: (name, settings) =>
      inTurn(async () => {
        const { type = demand(name).settings.type } = settings;
        const found = demand(name);
        demandIdle(name);
        if (type !== found.settings.type)
          throw connectionRefused(name, "its `type` cannot be changed", "delete it and make it anew");
        const literal = [...new Set([...(found.literal ?? []), ...Object.keys(settings)])];
        const next = { ...found, settings: check(name, { ...found.settings, ...settings }) };
        return toRecord(await save(found.hasVariables ? { ...next, literal } : next));
      }),
    remove: (name) =>
      inTurn(async () => {
        const found = demand(name);
        demandIdle(name);
        // No processor that starts meanwhile finds it.
        kept.delete(name);
        try {
          await store.remove("connections", found._id);
        } catch (error) {
          kept.set(name, found);
          throw error;
        }
        await onChange(name);
      }),
    provide: (name, given) =>
      inTurn(async () => {
        const settings = check(name, given);
        const found = kept.get(name);
        if (found === undefined) {
          await make(name, settings, true, 0);
          return;
        }
        const { literal: _, ...rest } = found;
        const next = { ...rest, settings, hasVariables: true };
        // What a processor has open stays open where nothing is new.
        if (!isDeepStrictEqual(next, found)) await save(next);
      }),
    removeAll: () =>
      inTurn(async () => {
        await store.removeConnections(tenant);
        kept.clear();
      }),
  };
}
