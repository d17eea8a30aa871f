import { defineFinding } from "../diagnostics/define-finding.ts";
import { printable } from "../diagnostics/printable.ts";

/** Documented in docs/errors/ASP4045.md. */
export const strangeName = defineFinding<{ what: string; name: string; allowed: string; help: string }>("ASP4045", {
  severity: "warning",
  message: ({ what, name, allowed }) => `the ${what} \`${short(name)}\` is not a name of 1 to 64 ${allowed}`,
  notes: () => ["the service or its tools refuse other names, and mongosh needs brackets for them"],
  help: ({ help }) => help,
});

const characters = "letters, digits, `_` and `-`";

/** What a processor, a workspace or a connection may be called; undefined for a good name. Source: asp-language section 7.1. */
export function checkRegistryName(what: string, name: string): Parameters<typeof strangeName>[1] | undefined {
  const isCluster = what === clusterConnection;
  if ((isCluster ? /^[\w.*-]{1,64}$/ : /^[\w-]{1,64}$/).test(name)) return undefined;
  const allowed = isCluster ? "letters, digits, `_`, `-`, `.` and `*`" : characters;
  return {
    what,
    name,
    allowed,
    help: what === "processor" ? "rename the processor" : "rename it in the workspace, and here",
  };
}

/** The one kind that may hold dots and asterisks. */
export const clusterConnection = "Cluster connection";

function short(name: string): string {
  const shown = printable(name);
  return shown.length > 80 ? `${shown.slice(0, 79)}…` : shown;
}
