import { CommandError, serverErrors } from "../command-error.ts";
import { serverVersion } from "./build-info.ts";
import { defineCommand } from "./command.ts";

/** The one parameter that shells ask for; mongosh also looks how an unknown one is refused. */
export const getParameter = defineCommand({
  names: ["getParameter"],
  access: "user",
  run: ({ body }) => {
    const all = body["getParameter"] === "*";
    const known = all || Boolean(body["featureCompatibilityVersion"]);
    if (!known) throw new CommandError(serverErrors.invalidOptions, "no option found to get");
    return { featureCompatibilityVersion: { version: serverVersion.replace(/\.\d+$/u, "") } };
  },
});
