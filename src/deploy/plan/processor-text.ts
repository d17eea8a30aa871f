import type { Definition } from "../../stages/definition.ts";
import type { Desired } from "./desired.ts";
import { isSame } from "./normal-form.ts";
import type { RemoteProcessor } from "./remote.ts";

/** A processor of the workspace as a definition, so that both sides are read by the same functions. */
export function toDefinition({ name, pipeline, dlq }: RemoteProcessor): Definition {
  return { name, pipeline, ...(dlq && { options: { dlq } }) };
}

/** True where nothing but the name tells the two apart: what is run, and where dead letters go. */
export function isSameButForName({ definition }: Desired, { pipeline, dlq }: RemoteProcessor): boolean {
  return isSame(definition.pipeline, pipeline) && isSame(definition.options?.dlq ?? null, dlq ?? null);
}
