import { serialize } from "bson";
import type { Document } from "bson";
import { toMs } from "../../compiler/kinds.ts";
import { tiers } from "../../stages/tiers.ts";
import { createFieldFinder } from "../core/bson-fields.ts";
import { createLookupCache } from "../core/lookup-cache.ts";
import { prunePath } from "../core/prune-path.ts";
import { decodeExact } from "../core/exact-bson.ts";
import { createPathSetter, valueIn, type BsonValue } from "../core/set-path.ts";
import type { Operator, OperatorContext, OperatorOutcome } from "./operator.ts";

/** Without a tier of its own, the engine takes the smallest: what fits there fits everywhere. */
const defaultBytes = Math.floor(tiers.SP2.memoryGb * 2 ** 30 * 0.1);

/** What it takes in this process to remember one result, beside its bytes and its key. */
const entryBytes = 400;

const found = "found";
const findFound = createFieldFinder(found);

/** What a look-up gave: an array, or the server's reason for failing. */
type Result = { readonly documents: BsonValue } | { readonly reason: string };

/**
 * `$cachedLookup`: remembers what a `$lookup` on the target's cluster gives, by what it reads of a document, so that missing, null and
 * array values mean what they mean there. Source: asp-language section 1.5.
 */
export function createCachedLookup(args: Document, context: OperatorContext): Operator {
  const { from, localField, foreignField } = args;
  const on = { connectionName: String(from.connectionName), db: String(from.db) };
  const lookup = { $lookup: { from: from.coll, localField, foreignField, as: found } };
  const lookups = context.createTransform(
    { steps: [{ kind: "stages", stages: [lookup, { $project: { _id: 0, [found]: 1 } }], on }], readsMetadata: false },
    context,
  );
  const maxBytes = Number(args["maxMemUsageBytes"] ?? defaultBytes);
  const cache = createLookupCache<Result>(toMs(args["ttl"]) ?? 0, maxBytes);
  const path = String(localField).split(".");
  const setAs = createPathSetter(String(args["as"]));

  /** Looks up what is not remembered, in one command. */
  const lookUp = async (missing: ReadonlyMap<string, Uint8Array>): Promise<ReadonlyMap<string, Result>> => {
    const keys = [...missing.keys()];
    const documents = [...missing.values()].map((document) => ({ document, stream: () => ({}) }));
    const { outgoing, refused } = await lookups.run(documents, { locate: true });
    const results = new Map<string, Result>();
    for (const { document, index = 0 } of outgoing) {
      const field = findFound(document);
      if (field === undefined) continue;
      const { type, bytes } = valueIn(document, field);
      // Of its own: a part of it would keep the server's whole answer in memory.
      results.set(keys[index] ?? "", { documents: { type, bytes: new Uint8Array(bytes) } });
    }
    for (const { index, reason } of refused) results.set(keys[index] ?? "", { reason });
    return results;
  };

  return {
    expressions: undefined,
    check: lookups.check,
    run: async (inputs) => {
      const atMs = context.now();
      const keyed = inputs.map((input) => {
        const read = serialize(prunePath(decodeExact(input.document), path) as Document);
        return { ...input, read, key: Buffer.from(read).toString("latin1") };
      });
      const results = new Map<string, Result>();
      const missing = new Map<string, Uint8Array>();
      for (const { key, read } of keyed) {
        const known = cache.get(key, atMs);
        if (known === undefined) missing.set(key, read);
        else results.set(key, known);
      }
      for (const [key, result] of missing.size === 0 ? [] : await lookUp(missing)) {
        results.set(key, result);
        // A failure may be gone the next time.
        if ("documents" in result) cache.set(key, result, result.documents.bytes.length + entryBytes, atMs);
      }
      return keyed.map(({ document, key }): OperatorOutcome => {
        const result = results.get(key);
        if (result === undefined) throw new Error("$cachedLookup has lost a result");
        if ("reason" in result) return { kind: "refused", reason: result.reason };
        return { kind: "passed", document: setAs(document, result.documents) };
      });
    },
    close: lookups.close,
  };
}
