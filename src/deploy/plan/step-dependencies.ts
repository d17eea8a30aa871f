import { covers } from "../../compiler/project/resource.ts";
import type { Environment } from "../../config/environment.ts";
import type { Definition } from "../../stages/definition.ts";
import { toDefinition } from "./processor-text.ts";
import { connectionsIn, readFlow, type Flow } from "./read-flow.ts";
import type { Remote } from "./remote.ts";
import { isChange, type CreateIndexStep, type Step } from "./step.ts";

/**
 * What each step waits for: places of steps before it, which have to go well first. The workspace comes before everything, connections before the processors
 * that use them, collections and indexes before all processors, who reads before who writes for it, and what is deleted after everything else; all other steps may be done at once.
 */
export function dependenciesOf(
  steps: readonly Step[],
  remote: Pick<Remote, "processors">,
  environment: Environment,
): readonly ReadonlySet<number>[] {
  const nodes = steps.map((step) => toNode(step, remote, environment));
  return nodes.map((node, place) => {
    const before = nodes.slice(0, place);
    return new Set(before.flatMap((other, index) => (waitsFor(node, other) ? [index] : [])));
  });
}

interface Node {
  readonly step: Step;
  readonly flow: Flow;
  readonly connections: readonly string[];
}

function toNode(step: Step, { processors }: Pick<Remote, "processors">, environment: Environment): Node {
  const definition = definitionOf(step, processors);
  if (definition === undefined) return { step, flow: { reads: [], writes: undefined }, connections: [] };
  return { step, flow: readFlow(definition, environment), connections: connectionsIn(definition, environment) };
}

function definitionOf(step: Step, processors: Remote["processors"]): Definition | undefined {
  if (!("name" in step)) return undefined;
  if ("definition" in step) return step.definition;
  const found = processors.find(({ name }) => name === step.name);
  return found === undefined ? undefined : toDefinition(found);
}

function waitsFor({ step, flow, connections }: Node, earlier: Node): boolean {
  if (!isChange(step) || !isChange(earlier.step)) return false;
  if (step.kind === "delete-connection") return true;
  if ("workspace" in earlier.step) return true;
  if (step.kind === "create-index") return isSameCollection(step, earlier.step);
  if (step.kind === "delete") return earlier.step.kind !== "delete" || feeds(earlier.flow, flow);
  if ("name" in step) {
    if ("connection" in earlier.step) return connections.includes(earlier.step.connection);
    // What stands before processors and is none, is there for all of them.
    return !("name" in earlier.step) || feeds(flow, earlier.flow);
  }
  return false;
}

/** An index is made on what is there then. */
function isSameCollection(step: CreateIndexStep, earlier: Step): boolean {
  if (earlier.kind !== "create-collection" && earlier.kind !== "edit-collection") return false;
  return step.cluster === earlier.cluster && step.db === earlier.db && step.coll === earlier.coll;
}

/** True where what the one writes is read by the other. */
function feeds({ writes }: Flow, { reads }: Flow): boolean {
  return writes !== undefined && reads.some((read) => covers(read, writes));
}
