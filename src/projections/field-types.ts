import type { Operators } from "./expression-types.ts";
import type { ReferenceTo, Scalar } from "./reference-types.ts";
import type { Removal } from "./remove.ts";

/** What a handler may give for a field of type `V`: a value (its parts may be references), a reference or an expression. */
export type FieldValue<V> =
  | ReferenceTo<V>
  | (Operators<V> & NoFieldsOf<V>)
  | PlainValue<V>
  | (undefined extends V ? "$$REMOVE" : never);

type PlainValue<V> = V extends undefined
  ? never
  : V extends Scalar
    ? V
    : V extends readonly (infer Item)[]
      ? readonly FieldValue<Item>[]
      : V extends object
        ? { readonly [K in keyof V]: FieldValue<V[K]> }
        : V;

/** An object with the fields of the value is the value, not an expression. */
type NoFieldsOf<V> = { readonly [K in keyof Exclude<V, Scalar | readonly unknown[]>]?: never };

/** Names of fields, and dotted paths through objects, four names deep. */
type Paths<V, Depth extends readonly 0[] = []> = Depth["length"] extends 4
  ? never
  : V extends Scalar | readonly unknown[]
    ? never
    : { [K in keyof V & string]: K | `${K}.${Paths<NonNullable<V[K]>, [...Depth, 0]>}` }[keyof V & string];

type AtPath<V, P extends string> = P extends keyof V
  ? V[P]
  : P extends `${infer Head}.${infer Rest}`
    ? Head extends keyof V
      ? AtPath<NonNullable<V[Head]>, Rest>
      : unknown
    : unknown;

/**
 * The fields that a handler sets, all at once: names and dotted paths of the read model. What it does not name stays as it is.
 */
export type Fields<View> = 0 extends 1 & View
  ? { readonly [path: string]: unknown }
  : { readonly [P in Exclude<Paths<View>, "_id">]?: FieldValue<AtPath<View, P>> };

/** What a handler returns. */
export type HandlerResult<View> = Fields<View> | Removal;
