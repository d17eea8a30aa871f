import type { Document } from "bson";
import { carrier, keptMark, type Carried } from "../expressions/stream-metadata.ts";
import { createFieldFinder, decodeField, withFields, withoutField } from "./core/bson-fields.ts";
import { fieldOf } from "./core/exact-bson.ts";

const findCarrier = createFieldFinder(carrier);

/** Whether something travels along with a document. */
export function isCarrying(bson: Uint8Array): boolean {
  return findCarrier(bson) !== undefined;
}

/** What travels along with a document. */
export function carriedOf(bson: Uint8Array): Carried {
  const carried = decodeField(bson, findCarrier(bson));
  const position = fieldOf(carried, "position");
  return {
    [keptMark]: true,
    index: Number(fieldOf(carried, "index")),
    ...(position === undefined ? {} : { position: Number(position) }),
    stream: fieldOf(carried, "stream") as Document,
  };
}

/** The document with something travelling along, in place of what did before. */
export function withCarrier(bson: Uint8Array, carried: Carried): Uint8Array {
  return withFields(withoutCarrier(bson), { [carrier]: carried }, "after");
}

/** The document as everyone else may see it. */
export function withoutCarrier(bson: Uint8Array): Uint8Array {
  return withoutField(bson, findCarrier(bson));
}
