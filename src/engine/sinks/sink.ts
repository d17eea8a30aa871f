import type { Document } from "bson";
import type { Outgoing } from "../transform.ts";

/** A document that the sink refused; `position` counts within the documents handed to `write`. */
export interface SinkRefusal {
  readonly position: number;
  readonly reason: string;
  /** Metadata to put beside that of the document. */
  readonly stream?: Document;
}

/** Where a processor's documents go. `Target` is what becomes of one document before it is written, as small as can be. */
export interface Sink<Target = unknown> {
  /** The stage's name, for dead letters. */
  readonly operator: string;
  /** Asks whether it can be written to at all; rejects with AspError where it cannot. No document is written. */
  prepare(): Promise<void>;
  /** Tells where documents go. */
  resolve(documents: readonly Outgoing[]): readonly Target[];
  /** Writes all of them, in order per key, and says which were refused. Throws what the world refuses. */
  write(targets: readonly Target[]): Promise<readonly SinkRefusal[]>;
  /** Called before a checkpoint: resolves once nothing that was written can be lost. */
  flush(): Promise<void>;
  /** Lets go of what it holds; where the engine is killed, as a crash would: nothing more is written. */
  close(end: { readonly killed: boolean }): Promise<void>;
}
