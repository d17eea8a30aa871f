import type { Document } from "bson";
import type { KnownUser } from "../scram/users.ts";
import { defineCommand } from "./command.ts";

/** Atlas's own roles, by what they allow. Source: asp-control-plane 3.1. */
const roles = { readWrite: "readWriteAnyDatabase", read: "readAnyDatabase" } as const;

export const connectionStatus = defineCommand({
  names: ["connectionStatus"],
  access: "anybody",
  run: ({ body }, { session: { user } }) => ({
    authInfo: {
      authenticatedUsers: list(user, ({ name }) => ({ user: name, db: "admin" })),
      authenticatedUserRoles: list(user, ({ role }) => ({ role: roles[role], db: "admin" })),
      ...(body["showPrivileges"] === true && { authenticatedUserPrivileges: [] }),
    },
  }),
});

const list = (user: KnownUser | undefined, show: (user: KnownUser) => Document): readonly Document[] =>
  user === undefined ? [] : [show(user)];
