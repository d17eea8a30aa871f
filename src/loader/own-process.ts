// The process that modules are run in. The linter lets this file alone have it here: to hand a part of it on, and to see what a module leaves.
export { default as ownProcess } from "node:process";
