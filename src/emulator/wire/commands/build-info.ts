import { documentBytesMax } from "../limits.ts";
import { defineCommand } from "./command.ts";

/** The server whose wire protocol is spoken; which one the service says it is, nobody has written down. */
export const serverVersion = "7.0.0";

export const buildInfo = defineCommand({
  names: ["buildInfo", "buildinfo"],
  access: "anybody",
  run: () => ({
    version: serverVersion,
    gitVersion: "none",
    versionArray: [...serverVersion.split(".").map(Number), 0],
    modules: [],
    maxBsonObjectSize: documentBytesMax,
  }),
});
