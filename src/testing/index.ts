/**
 * The runner of `asp test` as a library: `asp-toolkit/testing`.
 *
 * @module
 */
export { pipelineSpec } from "./pipeline-spec.ts";
export type { Documents, Expectation, GivenSpec, PipelineSpec, PipelineSpecOptions } from "./pipeline-spec.ts";
export type { ExpectedDeadLetter } from "./compare/compare-dead-letters.ts";
export type { Specified, SpecProjectOptions } from "./spec/spec-project.ts";
export type { Trial } from "./case/trial.ts";
