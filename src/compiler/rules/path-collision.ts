import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1066.md, whose examples are run as tests. */
export const pathCollision = defineFinding<{ stage: string; path: string; other: string }>("ASP1066", {
  severity: "error",
  message: ({ stage, path, other }) => {
    if (path === other) return `${quote(stage)} names ${quote(path)} twice`;
    const [outer, inner] = path.length < other.length ? [path, other] : [other, path];
    return `${quote(stage)} names ${quote(outer)} and, inside it, ${quote(inner)}`;
  },
  help: ({ path, other }) =>
    path === other ? `remove one ${quote(path)}` : `remove ${quote(path)} or ${quote(other)}`,
});
