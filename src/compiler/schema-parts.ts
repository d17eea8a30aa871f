import type { TSchema } from "@sinclair/typebox";
import type { KindSchema } from "./kinds.ts";

/** What a schema of `stages/` may have, read as data. */
export interface SchemaParts extends Partial<KindSchema> {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
  /** A value for which this holds is an expression, and any other is checked by `else`. */
  readonly if?: KindSchema;
  readonly else?: TSchema;
}
