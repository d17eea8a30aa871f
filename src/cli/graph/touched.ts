import type { FlowKind, Lineage } from "../../compiler/lineage/lineage.ts";

/** Names of the processors that have to do with a resource. */
export interface Touched {
  readonly writers: readonly string[];
  readonly readers: readonly string[];
  /** Those that look something up there, or call it. */
  readonly askers: readonly string[];
  readonly deadLettersOf: readonly string[];
}

export function toTouched({ processors, edges }: Lineage, id: string): Touched {
  const nameOf = new Map(processors.map((processor) => [processor.id, processor.name] as const));
  const named = (...kinds: readonly FlowKind[]): readonly string[] => {
    const ends = edges
      .filter((edge) => kinds.includes(edge.kind))
      .flatMap(({ from, to }) => {
        return from === id ? [to] : to === id ? [from] : [];
      });
    return [...new Set(ends.flatMap((end) => nameOf.get(end) ?? []))];
  };
  return {
    writers: named("writes"),
    readers: named("reads"),
    askers: named("looks up", "calls"),
    deadLettersOf: named("dead letters"),
  };
}
