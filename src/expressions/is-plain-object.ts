import type { Document } from "bson";

/** True for an object literal: not an array, a BSON value, a Date or any other class. */
export function isPlainObject(value: unknown): value is Document {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
