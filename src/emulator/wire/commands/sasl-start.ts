import { beginLogin } from "./begin-login.ts";
import { defineCommand } from "./command.ts";

/** `{saslStart: 1, mechanism, payload, options: {skipEmptyExchange}}` */
export const saslStart = defineCommand({ names: ["saslStart"], access: "anybody", run: beginLogin });
