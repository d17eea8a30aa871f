/** What a process needs of the commands; the build joins all that is below it into one script. */
export { Interruption } from "./context.ts";
export { run } from "./run.ts";
