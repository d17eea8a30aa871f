import type { Reference, ReferenceRoot } from "../expressions/node.ts";

/** Thrown inside a handler that uses a reference as a JavaScript value; becomes a finding, never reaches the user. */
export class ReferenceMisuse extends Error {
  readonly reference: Reference;
  readonly use: string;

  constructor(reference: Reference, use: string) {
    super(`a reference was ${use}`);
    this.reference = reference;
    this.use = use;
  }
}

const created = new WeakMap<object, Reference>();

/** The reference behind a value that a handler returned, if it is one. */
export function toReference(value: unknown): Reference | undefined {
  return typeof value === "function" ? created.get(value) : undefined;
}

/**
 * What handlers get for `event` and `view`: reading a property gives the reference to that field.
 *
 * The target is a function so that calling one (`data.name.toUpperCase()`) is seen as well.
 */
export function createReference(root: ReferenceRoot, path: readonly string[] = []): object {
  const reference: Reference = { root, path };
  const misused = (use: string): never => {
    throw new ReferenceMisuse(reference, use);
  };
  const proxy = new Proxy(() => undefined, {
    get(_target, key) {
      if (typeof key === "string") return createReference(root, [...path, key]);
      if (key === Symbol.toPrimitive) return () => misused("turned into a text or a number");
      if (key === Symbol.iterator || key === Symbol.asyncIterator) return misused("iterated over");
      return undefined;
    },
    apply: () => misused("called as a function"),
    construct: () => misused("called as a constructor"),
    has: () => misused("searched with `in`"),
    ownKeys: () => misused("spread or enumerated"),
    set: () => misused("assigned to"),
    deleteProperty: () => misused("deleted from"),
    defineProperty: () => misused("assigned to"),
  });
  created.set(proxy, reference);
  return proxy;
}

/** A reference as its author most likely wrote it: `data.price`, `event.time`, `view.items`. */
export function referenceText({ root, path }: Reference): string {
  const names = root === "event" && path[0] === "data" ? path : [root, ...path];
  return names.map((name, index) => (index === 0 ? name : propertyText(name))).join("");
}

function propertyText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
