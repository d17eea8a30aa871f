import { Binary, BSONRegExp, Long, MinKey } from "bson";
import type { Finding, PipelinePath, Place } from "../diagnostics/finding.ts";
import { toAt } from "./cursor.ts";
import { fromExtendedJson } from "./extended-json.ts";
import { joinSteps } from "./join-steps.ts";
import { quote } from "./quote.ts";
import { badExtendedJson } from "./rules/bad-extended-json.ts";
import { classInstance } from "./rules/class-instance.ts";
import { integerLikeKeys } from "./rules/integer-like-keys.ts";
import { notANumber } from "./rules/not-a-number.ts";
import { notAValue } from "./rules/not-a-value.ts";
import { pipelineTooLarge } from "./rules/pipeline-too-large.ts";
import { undefinedValue } from "./rules/undefined-value.ts";
import { unreadableValue } from "./rules/unreadable-value.ts";

/** A clean copy of what an author wrote: plain documents, arrays and BSON values, every getter read once. */
export interface Snapshot {
  readonly value: unknown;
  /** Where a copied object, or one of its keys, was written. */
  readonly placeOf: (copy: object, key?: string) => Place | undefined;
  readonly findings: readonly Finding[];
  /** Joined paths of what could not be copied; null stands there, and no other finding should complain about it. */
  readonly spoilt: ReadonlySet<string>;
  /** No definition can be so large: shared parts may stand in it exponentially often, so that nobody should walk it. */
  readonly isTooLarge: boolean;
}

export interface SnapshotOptions {
  readonly processor: string | undefined;
  /** Place of the value itself, for what has none of its own. */
  readonly place: Place | undefined;
  readonly at: (value: object, key?: string) => Place | undefined;
}

/** The server's own limit for documents inside documents, less what the command around a pipeline takes. */
const maxDepth = 180;
/** A definition may take 16 MB. Source: asp-language section 0.3. */
const maxBytes = 16 * 1024 * 1024;
/** No longer array fits, an element being three bytes or more; one may be a thousand million holes. */
const maxElements = maxBytes / 3;

interface Copied {
  readonly copy: unknown;
  readonly bytes: number;
}

/**
 * Copies any JavaScript value into plain data, with a finding for everything that BSON cannot hold.
 *
 * Never throws, and terminates: for cycles, getters that throw, a hundred thousand levels and shared parts that would be
 * copied exponentially often.
 */
export function takeSnapshot(value: unknown, options: SnapshotOptions): Snapshot {
  const originals = new Map<object, object>();
  const findings: Finding[] = [];
  const spoilt = new Set<string>();
  const path: (string | number)[] = [];
  const above = new Set<object>();
  const known = new Map<object, Copied>();
  /** What has been copied takes as BSON, roughly. */
  let bytes = 0;

  const copy = copyValue(value);
  if (bytes > maxBytes) {
    findings.push(
      pipelineTooLarge(toAt([], options.processor, options.place), { megabytes: Math.floor(bytes / (1024 * 1024)) }),
    );
  }
  const placeOf: Snapshot["placeOf"] = (copied, key) => {
    const original = originals.get(copied);
    return original === undefined ? undefined : options.at(original, key);
  };
  return { value: copy, placeOf, findings, spoilt, isTooLarge: bytes > maxBytes };

  function copyValue(original: unknown): unknown {
    switch (typeof original) {
      case "string":
        return counted(original, 5 + utf8Length(original));
      case "boolean":
        return counted(original, 1);
      case "number":
        if (!Number.isNaN(original)) return counted(original, 8);
        return spoil(notANumber(here(), { what: what(), found: "NaN" }));
      case "bigint":
        if (BigInt.asIntN(64, original) === original) return counted(Long.fromBigInt(original), 8);
        return spoil(notAValue(here(), { what: what(), found: "a bigint of more than 64 bits" }));
      case "undefined":
        return spoil(undefinedValue(here(), { what: what() }));
      case "function":
      case "symbol":
        return spoil(notAValue(here(), { what: what(), found: `a ${typeof original}` }));
      default:
        return typeof original === "object" && original !== null ? copyObject(original) : null;
    }
  }

  function counted(copied: unknown, size: number): unknown {
    bytes += size;
    return copied;
  }

  function copyObject(original: object): unknown {
    const before = known.get(original);
    if (before !== undefined) return counted(before.copy, before.bytes);
    if (above.has(original)) {
      return spoil(unreadableValue(here(original), { what: what(), reason: "it contains itself" }));
    }
    if (above.size >= maxDepth) {
      return spoil(
        unreadableValue(here(original), { what: what(), reason: `it is more than ${maxDepth} levels deep` }),
      );
    }
    above.add(original);
    const start = bytes;
    const depth = path.length;
    let copied: unknown;
    try {
      copied = copyAny(original);
    } catch (error) {
      bytes = start;
      path.length = depth;
      copied = spoil(unreadableValue(here(original), { what: what(), reason: reasonOf(error) }));
    }
    above.delete(original);
    known.set(original, { copy: copied, bytes: bytes - start });
    if (typeof copied === "object" && copied !== null) originals.set(copied, original);
    return copied;
  }

  function copyAny(original: object): unknown {
    if (Array.isArray(original)) return copyArray(original);
    const type = bsonType(original);
    if (type === "foreign") {
      const found = "a BSON value of another major version of the package bson";
      return spoil(classInstance(here(original), { what: what(), found }));
    }
    if (type !== undefined) return counted(original, bsonBytes(original));
    if (original instanceof Date) {
      if (!Number.isNaN(original.getTime())) return counted(new Date(original), 8);
      return spoil(notANumber(here(original), { what: what(), found: "an invalid date" }));
    }
    if (original instanceof RegExp) return counted(toBsonRegExp(original), original.source.length + 6);
    if (original instanceof Uint8Array) return counted(new Binary(original), original.length + 5);
    if (original instanceof Map) return copyMap(original);
    if (isPlain(original)) return copyDocument(original);
    return spoil(classInstance(here(original), { what: what(), found: instanceName(original) }));
  }

  function copyArray(original: readonly unknown[]): unknown {
    if (original.length > maxElements) return counted([], original.length * 3);
    const copy: unknown[] = [];
    bytes += 5;
    for (let index = 0; index < original.length; index++) {
      bytes += 4;
      copy.push(copyAt(index, original[index]));
    }
    return copy;
  }

  function copyDocument(original: object): unknown {
    const copy: Record<string, unknown> = {};
    const keys = Object.keys(original);
    const start = bytes;
    bytes += 5;
    for (const key of keys) {
      const value = (original as Readonly<Record<string, unknown>>)[key];
      bytes += 2 + utf8Length(key);
      setOwn(copy, key, copyAt(key, value));
    }
    const moving = keys.length > 1 ? keys.filter(isIntegerLike) : [];
    if (moving.length > 0) findings.push(integerLikeKeys(here(original), { what: what(), keys: moving.slice(0, 5) }));
    const extended = keys.length === 1 ? fromExtendedJson(copy) : undefined;
    if (extended === undefined) return copy;
    if ("value" in extended) return extended.value;
    bytes = start;
    return spoil(badExtendedJson(here(original), { what: what(), ...extended }));
  }

  /** A `Map` keeps its order: it stays one only where an object would not. */
  function copyMap(original: ReadonlyMap<unknown, unknown>): unknown {
    const copy = new Map<string, unknown>();
    const start = bytes;
    bytes += 5;
    for (const [key, value] of original) {
      if (typeof key !== "string") {
        bytes = start;
        return spoil(classInstance(here(original), { what: what(), found: "a Map with keys that are no texts" }));
      }
      bytes += 2 + utf8Length(key);
      copy.set(key, copyAt(key, value));
    }
    if ([...copy.keys()].some(isIntegerLike)) return copy;
    const document: Record<string, unknown> = {};
    for (const [key, value] of copy) setOwn(document, key, value);
    return document;
  }

  function copyAt(key: string | number, value: unknown): unknown {
    path.push(key);
    const copied = copyValue(value);
    path.pop();
    return copied;
  }

  function spoil(finding: Finding): null {
    findings.push(finding);
    spoilt.add(pathKey(path));
    return null;
  }

  /**
   * The nearest place: of the object itself, or of the key whose value is being copied where the object around it was written out, or of
   * an object further out.
   */
  function here(self?: object) {
    const around = [...above].filter((object) => object !== self);
    const owner = [...around, ...(self === undefined ? [] : [self])].findLast(
      (object) => options.at(object) !== undefined,
    );
    const last = path.at(-1);
    const key = owner !== self && owner === around.at(-1) && typeof last === "string" ? last : undefined;
    return toAt([...path], options.processor, owner === undefined ? options.place : options.at(owner, key));
  }

  function what(): string {
    return nameOf(path);
  }
}

/** A path as one text, for {@link Snapshot.spoilt}. */
export function pathKey(path: PipelinePath): string {
  return JSON.stringify(path);
}

function nameOf(path: PipelinePath): string {
  const last = path.at(-1);
  if (last === undefined) return "the processor";
  const owner = path.findLastIndex((step) => typeof step === "string" && step.startsWith("$"));
  if (owner === path.length - 1) return quote(String(last));
  const [first, ...others] = path.slice(owner + 1);
  const isElement = typeof first === "number" && others.length === 0;
  const field = isElement ? `element ${first}` : quote(joinSteps(path.slice(owner + 1)));
  return owner === -1 ? field : `${field} of ${quote(String(path[owner]))}`;
}

/** `copy.__proto__ = value` would change the prototype and lose the key. */
function setOwn(copy: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") copy[key] = value;
  else Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Plain in any realm: made by `{}` there, or without a prototype. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** An own property of this name is a user's field, which the driver would take for a type. */
function bsonType(value: object): string | undefined {
  if (!("_bsontype" in value)) return undefined;
  if (Object.hasOwn(value, "_bsontype")) return "foreign";
  return versionOf(value) === versionOf(new MinKey()) ? String(value._bsontype) : "foreign";
}

/** Every class of `bson` carries the package's major version, and the driver refuses another one. */
function versionOf(value: object): unknown {
  return (value as Readonly<Record<symbol, unknown>>)[Symbol.for("@@mdb.bson.version")];
}

/** By name and not by class: the value may come from the driver's copy of the library. */
function bsonBytes(value: object): number {
  return bsonType(value) === "Binary" ? (value as Binary).length() + 5 : 16;
}

/** The flags that MongoDB knows; `g`, `u`, `y`, `d` and `v` say nothing about whether a text matches. */
function toBsonRegExp(value: RegExp): BSONRegExp {
  const options = [value.ignoreCase ? "i" : "", value.multiline ? "m" : "", value.dotAll ? "s" : ""].join("");
  return new BSONRegExp(value.source, options);
}

function instanceName(value: object): string {
  const constructor: unknown = value.constructor;
  const name = typeof constructor === "function" ? constructor.name : "";
  return name === "" ? "an instance of a class" : `an instance of ${name}`;
}

function isIntegerLike(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 48 && first <= 57 && /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < 0xffff_ffff;
}

function reasonOf(error: unknown): string {
  try {
    return error instanceof Error ? `reading it failed with "${error.message}"` : "reading it failed";
  } catch {
    return "reading it failed";
  }
}

function utf8Length(text: string): number {
  // Most texts are ASCII, and counting them must not cost an encoding each.
  return /^[\x20-\x7e]*$/.test(text) ? text.length : new TextEncoder().encode(text).length;
}
