/**
 * A value with every date in it as relaxed Extended JSON: for `JSON.stringify`, which writes most replies as {@link writeJson} does, and many
 * times faster. What holds nothing of BSON is given as it is.
 *
 * @returns undefined where `JSON.stringify` would write something in another way
 */
export function asJson(value: unknown): unknown {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0) ? value : undefined;
    case "string":
    case "boolean":
      return value;
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) return listAsJson(value);
      if (value instanceof Date) return dateAsJson(value);
      return documentAsJson(value);
    default:
      return undefined;
  }
}

function listAsJson(list: readonly unknown[]): unknown {
  let changed: unknown[] | undefined;
  for (let index = 0; index < list.length; index += 1) {
    const before = list[index];
    const after = asJson(before);
    if (after === undefined) return undefined;
    if (after === before) continue;
    changed ??= [...list];
    changed[index] = after;
  }
  return changed ?? list;
}

function documentAsJson(document: object): unknown {
  // Neither a Map nor a value of BSON, and nothing that says itself how it is written.
  if (Object.getPrototypeOf(document) !== Object.prototype) return undefined;
  if ("_bsontype" in document || "toJSON" in document || Object.hasOwn(document, "__proto__")) return undefined;
  const fields = document as Readonly<Record<string, unknown>>;
  let changed: Record<string, unknown> | undefined;
  for (const key in fields) {
    const before = fields[key];
    // Left out in both ways.
    if (before === undefined) continue;
    const after = asJson(before);
    if (after === undefined) return undefined;
    if (after === before) continue;
    changed ??= { ...fields };
    changed[key] = after;
  }
  return changed ?? document;
}

/** Others are numbers in Extended JSON. */
function dateAsJson(date: Date): unknown {
  const ms = date.getTime();
  if (!(ms >= 0 && date.getUTCFullYear() <= 9999)) return undefined;
  const text = date.toISOString();
  return { $date: ms % 1000 === 0 ? text.replace(".000Z", "Z") : text };
}
