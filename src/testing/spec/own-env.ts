/** Variables of the process that the library runs in: the one place where it meets it, as a test file hands it nothing. */
export { env as ownEnv } from "node:process";
