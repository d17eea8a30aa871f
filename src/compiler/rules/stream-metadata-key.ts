import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1051.md, whose examples are run as tests. */
export const streamMetadataKey = defineFinding<{ key: string }>("ASP1051", {
  severity: "error",
  message: ({ key }) => `\`$setStreamMeta\` cannot set ${quote(key)}, which does not begin with \`stream.\``,
  help: ({ key }) => {
    const name = key.replace(/^\$/u, "");
    return name === "stream" || name === "stream." ? "add a name: `stream.<name>`" : `write ${quote(`stream.${name}`)}`;
  },
});
