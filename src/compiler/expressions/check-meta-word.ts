import { isStreamPath, metaWords, streamPaths } from "../../expressions/metadata-paths.ts";
import { describeValue } from "../describe-value.ts";
import { unknownMetadata } from "../rules/unknown-metadata.ts";
import { wrongArgument } from "../rules/wrong-argument.ts";
import { report } from "./walk.ts";
import type { Walk } from "./walk.ts";

/** Checks the argument of `$meta`; whether a `stream` path is there is for `checkMetaPaths` to say, which sees all stages. */
export function checkMetaWord(walk: Walk, word: unknown): void {
  if (typeof word !== "string") {
    report(walk, wrongArgument, { what: "`$meta`", expected: "a text", found: describeValue(word) });
  } else if (isStreamPath(word)) {
    const { onCluster } = walk.surroundings;
    if (onCluster !== undefined) report(walk, unknownMetadata, { word, onCluster });
  } else if (!metaWords.includes(word)) {
    report(walk, unknownMetadata, { word, known: [...metaWords, ...streamPaths.keys()] });
  }
}
