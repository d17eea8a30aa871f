import { defineCommand } from "./command.ts";

/** Nothing here depends on sessions. */
export const endSessions = defineCommand({
  names: ["endSessions", "refreshSessions"],
  access: "anybody",
  run: () => ({}),
});
