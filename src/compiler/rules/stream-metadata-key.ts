import { defineFinding } from "../../diagnostics/define-finding.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import { quote } from "../quote.ts";

interface Data {
  readonly key: string;
  /** What there is below the path that is meant; absent where the key does not begin with `stream.`. */
  readonly below?: string | undefined;
}

/** Documented in docs/errors/ASP1051.md, whose examples are run as tests. */
export const streamMetadataKey = defineFinding<Data>("ASP1051", {
  severity: "error",
  message: ({ key }) =>
    `\`$setStreamMeta\` cannot set ${quote(key)}${isBelowStream(key) ? `: ${whyNoPath(key)}` : ", which does not begin with `stream.`"}`,
  notes: ({ below }) => (below === undefined ? [] : [below]),
  help: ({ key }) => {
    const [first = "", ...others] = key.split(".").map((part) => part.replace(/^\$+/u, ""));
    const isStream = first === "stream" || (others.length > 0 && suggest(first, ["stream"]) !== undefined);
    const parts = [...(isStream ? [] : [first]), ...others].filter((part) => part !== "");
    const path = ["stream", ...parts].join(".");
    if (parts.length === 0 || key.endsWith(".")) return `add a name: ${quote(`${path}.<name>`)}`;
    return first !== "stream" && isStream ? `did you mean ${quote(path)}?` : `write ${quote(path)}`;
  },
});

/** True for a key of `$setStreamMeta` that can be set. */
export function isMetadataKey(key: string): boolean {
  return isBelowStream(key) && whyNoPath(key) === undefined;
}

function isBelowStream(key: string): boolean {
  return key.startsWith("stream.");
}

/** The server's rules for paths. */
function whyNoPath(key: string): string | undefined {
  if (key.endsWith(".")) return "it ends with a dot";
  const parts = key.split(".");
  if (parts.includes("")) return "a part of it is empty";
  return parts.some((part) => part.startsWith("$")) ? "a part of it begins with a dollar" : undefined;
}
