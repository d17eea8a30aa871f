import type { Document } from "bson";
import type { Envelope, Guard } from "./processor-value.ts";
import type { Handler } from "./handler.ts";
import type { Node } from "../expressions/node.ts";

/** A projection whose options are checked and whose handlers are read: what the shapes compile. */
export interface Fold {
  readonly envelope: Envelope;
  readonly guard: Guard;
  readonly key: Node;
  /** True where the key was given by the author, and so may be an array. */
  readonly keyMayBeArray: boolean;
  readonly initial: Document;
  readonly handlers: readonly Handler[];
}
