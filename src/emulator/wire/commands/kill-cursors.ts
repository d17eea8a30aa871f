import { defineCommand } from "./command.ts";

/** There are no cursors of collections here; those of samples end by themselves. */
export const killCursors = defineCommand({
  names: ["killCursors"],
  access: "user",
  run: ({ body }) => {
    const cursors: unknown = body["cursors"];
    const cursorsNotFound: readonly unknown[] = Array.isArray(cursors) ? cursors : [];
    return { cursorsKilled: [], cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] };
  },
});
