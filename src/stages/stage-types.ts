import type { Static } from "@sinclair/typebox";
import type { StageDescription } from "./define-stage.ts";

/** The arguments of each stage of a list, by wire name. */
export type ArgsOf<List extends readonly StageDescription[]> = {
  readonly [Each in List[number] as Each["name"]]: Static<Each["args"]>;
};

/**
 * One stage out of a list: an object with one key, the stage's wire name.
 *
 * Written as one type with optional keys and not as a union, so that a misspelt name gets the editor's "did you mean" and
 * the compiler need not try a dozen alternatives. That there is exactly one key is checked by `asp validate`.
 */
export type StagesOf<List extends readonly StageDescription[]> = {
  readonly [Name in keyof ArgsOf<List>]?: ArgsOf<List>[Name];
};
