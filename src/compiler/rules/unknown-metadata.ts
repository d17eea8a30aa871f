import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { carryIn } from "../carry-in.ts";
import type { ClusterContext } from "../carry-in.ts";
import { quote } from "../quote.ts";

interface Data {
  readonly word: string;
  /** The pipeline that a cluster runs, which knows nothing of the stream. */
  readonly onCluster?: ClusterContext;
  readonly known?: readonly string[];
}

/** Documented in docs/errors/ASP1048.md, whose examples are run as tests. */
export const unknownMetadata = defineFinding<Data>("ASP1048", {
  severity: "error",
  message: ({ word, onCluster }) =>
    onCluster !== undefined
      ? `the cluster, which runs this stage, has no metadata ${quote(word)}`
      : `\`$meta\` has no ${quote(word)}`,
  help: ({ word, known = [], onCluster }) =>
    onCluster !== undefined
      ? carryIn(`{ $meta: ${JSON.stringify(word)} }`, onCluster)
      : (didYouMean(word, known) ?? "begin with `stream.` for metadata of the stream"),
});
