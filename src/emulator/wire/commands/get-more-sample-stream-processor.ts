import { Long } from "bson";
import { CommandError, serverErrors } from "../command-error.ts";
import { defineCommand } from "./command.ts";
import { readCount, readProcessorName, toNumber } from "./read-fields.ts";
import { readOptions } from "./read-options.ts";

const defaultBatch = 5;

/** `{getMoreSampleStreamProcessor: name, cursorId, batchSize?}` → `messages`, and the cursor to ask next, 0 at the end. */
export const getMoreSampleStreamProcessor = defineCommand({
  names: ["getMoreSampleStreamProcessor"],
  access: { action: "sampleStreamProcessor" },
  isUnlogged: true,
  run: (request, context) => {
    const processor = readProcessorName(request);
    const options = readOptions(request, context, { options: ["cursorId", "batchSize"] });
    const most = readCount(request, options, "batchSize") ?? defaultBatch;
    const cursorId = readCursorId(options["cursorId"]);
    const { next, messages } = context.endpoint.samples.take({ cursorId, processor, most }, context.session);
    return { cursorId: Long.fromBigInt(next), messages };
  },
});

function readCursorId(value: unknown): bigint {
  const isLong = typeof value === "object" && value !== null && "_bsontype" in value && value._bsontype === "Long";
  if (isLong) return (value as Long).toBigInt();
  const number = toNumber(value);
  if (number === undefined) throw new CommandError(serverErrors.typeMismatch, "`cursorId` must be a number");
  if (!Number.isSafeInteger(number)) throw new CommandError(serverErrors.badValue, "`cursorId` must be a whole number");
  return BigInt(number);
}
