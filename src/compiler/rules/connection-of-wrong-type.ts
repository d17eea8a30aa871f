import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP4031.md, whose examples are run as tests. */
export const connectionOfWrongType = defineFinding<{ name: string; type: string; needed: string; user: string }>(
  "ASP4031",
  {
    severity: "error",
    message: ({ name, type, needed, user }) =>
      `${user} needs a connection of type ${needed}, and ${quote(name)} is of type ${type}`,
    help: ({ needed }) => `name a connection of type ${needed}`,
  },
);
