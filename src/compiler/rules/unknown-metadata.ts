import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { quote } from "../quote.ts";

interface Data {
  readonly word: string;
  /** The stage runs on the target's cluster, which knows nothing of the stream. */
  readonly onCluster: boolean;
  readonly known: readonly string[];
}

/** Documented in docs/errors/ASP1048.md, whose examples are run as tests. */
export const unknownMetadata = defineFinding<Data>("ASP1048", {
  severity: "error",
  message: ({ word, onCluster }) =>
    onCluster
      ? `the cluster, which runs this stage, has no metadata ${quote(word)}`
      : `\`$meta\` has no ${quote(word)}`,
  help: ({ word, known, onCluster }) =>
    onCluster
      ? "set a field from it before, in a stage of the processor's own"
      : (didYouMean(word, known) ?? "begin with `stream.` for metadata of the stream"),
});
