import { defineCommand } from "./command.ts";

export const ping = defineCommand({ names: ["ping"], access: "anybody", run: () => ({}) });
