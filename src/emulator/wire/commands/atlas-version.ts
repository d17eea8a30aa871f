import { defineCommand } from "./command.ts";

/** mongosh asks for it to find out whether it talks to Atlas. */
export const atlasVersion = defineCommand({
  names: ["atlasVersion"],
  access: "user",
  run: () => ({ atlasVersion: "asp emulator", gitVersion: "none" }),
});
