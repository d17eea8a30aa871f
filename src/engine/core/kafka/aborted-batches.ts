/** What tells of a batch whether its transaction was taken back. */
export interface TransactionBatch {
  readonly attributes: number;
  readonly producerId: bigint;
  readonly firstOffset: bigint;
  readonly lastOffsetDelta: number;
  readonly records: readonly { readonly key?: Uint8Array | null }[];
}

/** A transaction that its producer took back, by its first offset. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

const transactional = 1 << 4;
const control = 1 << 5;
const abortMarker = 0;

/** Batches of Kafka's own, which mark the end of a transaction. */
export function isControlBatch({ attributes }: Pick<TransactionBatch, "attributes">): boolean {
  return (attributes & control) !== 0;
}

/**
 * Those of a partition's batches that belong to transactions that were taken back: each reaches from its first offset to the next marker of
 * its producer, or beyond what was read. Source: KIP-98, "Consumer".
 *
 * @param batches in the order of their offsets
 */
export function abortedBatches<Batch extends TransactionBatch>(
  batches: readonly Batch[],
  transactions: readonly AbortedTransaction[],
): ReadonlySet<Batch> {
  const found = new Set<Batch>();
  const waiting = transactions.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const open = new Set<bigint>();
  let next = 0;
  for (const batch of batches) {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    for (let one = waiting[next]; one !== undefined && one.firstOffset <= last; one = waiting[next]) {
      open.add(one.producerId);
      next += 1;
    }
    if (isControlBatch(batch)) {
      if (isAbort(batch)) open.delete(batch.producerId);
    } else if ((batch.attributes & transactional) !== 0 && open.has(batch.producerId)) {
      found.add(batch);
    }
  }
  return found;
}

/** The key of a marker is its version and its type, two bytes each. */
function isAbort({ records: [marker] }: TransactionBatch): boolean {
  const key = marker?.key;
  if (key === undefined || key === null || key.length < 4) return false;
  return new DataView(key.buffer, key.byteOffset).getInt16(2) === abortMarker;
}
