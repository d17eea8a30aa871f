import { defineCommand } from "./command.ts";

export const logout = defineCommand({
  names: ["logout"],
  access: "anybody",
  run: (_, { session }) => {
    session.user = undefined;
    session.login = undefined;
    return {};
  },
});
