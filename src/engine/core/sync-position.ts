/**
 * `initialSync` under way, as a checkpoint holds it; numbers may come as any that BSON has. A document counts as copied once it has been
 * written.
 */
export interface SyncPosition {
  /** The collections that there were at the start, in their order. */
  readonly targets: readonly { readonly coll: string; readonly estimatedDocs: unknown }[];
  readonly done: readonly { readonly coll: string; readonly copiedDocs: unknown }[];
  /** The one being copied, with the `_id` of its last copied document. */
  readonly coll?: string;
  readonly lastId?: unknown;
  readonly copiedDocs?: unknown;
}

/** Source: asp-language section 1.1.4, `stats`. */
export interface InitialSyncStats {
  readonly estimatedDocs: number;
  readonly copiedDocs: number;
  readonly status: "pending" | "in_progress" | "completed" | "failed";
}

export interface InitialSyncDetail {
  readonly targets: readonly { readonly db: string; readonly coll: string; readonly initialSync: InitialSyncStats }[];
  /** All of them together. */
  readonly total: InitialSyncStats;
}

/**
 * What a copy has come to: per collection, and summed.
 *
 * @param end how it ended, if it has: a failure is that of the collection that was being copied
 */
export function toSyncDetail(
  db: string,
  sync: SyncPosition,
  end: "completed" | "failed" | undefined,
): InitialSyncDetail {
  const current = sync.targets.find(({ coll }) => !sync.done.some((one) => one.coll === coll))?.coll;
  const targets = sync.targets.map(({ coll, estimatedDocs }) => {
    const done = sync.done.find((one) => one.coll === coll);
    const copiedDocs = Number(done?.copiedDocs ?? (sync.coll === coll ? sync.copiedDocs : 0) ?? 0);
    const open = coll === current ? (end ?? "in_progress") : "pending";
    const status: InitialSyncStats["status"] = done === undefined && end !== "completed" ? open : "completed";
    return { db, coll, initialSync: { estimatedDocs: Number(estimatedDocs), copiedDocs, status } };
  });
  const sum = (of: (stats: InitialSyncStats) => number): number =>
    targets.reduce((total, { initialSync }) => total + of(initialSync), 0);
  return {
    targets,
    total: {
      estimatedDocs: sum(({ estimatedDocs }) => estimatedDocs),
      copiedDocs: sum(({ copiedDocs }) => copiedDocs),
      status: end ?? "in_progress",
    },
  };
}
