/**
 * The runner of `asp test` and the emulator as a library: `asp-toolkit/testing`.
 *
 * @module
 */
export { pipelineSpec } from "./pipeline-spec.ts";
export type { Documents, Expectation, GivenSpec, PipelineSpec, PipelineSpecOptions } from "./pipeline-spec.ts";
export type { ExpectedDeadLetter } from "./compare/compare-dead-letters.ts";
export type { Specified, SpecProjectOptions } from "./spec/spec-project.ts";
export type { Trial } from "./case/trial.ts";
export { startEmulator } from "./start-emulator.ts";
export type { StartEmulatorOptions } from "./start-emulator.ts";
export type { EmulatorAddresses, RunningEmulator } from "../emulator/emulator-types.ts";
