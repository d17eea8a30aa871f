import type { StageDescription, StageVariant } from "./define-stage.ts";

/**
 * The form of a stage that its arguments mean.
 *
 * The fields that are there tell it. Where they tell none, or several, the type of the connection does, so that what is missing or too
 * much is said of the right form; the last one is meant where nothing tells.
 *
 * @param typeOf The type of a connection by its name; undefined for one that is not known.
 */
export function meantVariant(
  { variants }: StageDescription,
  args: unknown,
  typeOf: (connection: string) => string | undefined = () => undefined,
): StageVariant | undefined {
  if (variants === undefined) return undefined;
  const told = variants.find((variant) => isTold(variant, args));
  const name = has(args, "connectionName") ? args.connectionName : undefined;
  const type = typeof name === "string" ? typeOf(name) : undefined;
  const typed = variants.find((variant) => type !== undefined && connectionTypes(variant).includes(type));
  if (typed === undefined || told === undefined) return told ?? typed ?? variants.at(-1);
  // A connection of the wrong type is one mistake, and says nothing of a field that only the other form has.
  return isTold(typed, args) || !tellingFields(told, args).some((field) => !hasProperty(typed, field)) ? typed : told;
}

/** The fields that are there and tell a form. */
export function tellingFields({ toldBy }: StageVariant, args: unknown): readonly string[] {
  return toldBy === "text" ? [] : toldBy.filter((field) => has(args, field));
}

function isTold(variant: StageVariant, args: unknown): boolean {
  return variant.toldBy === "text" ? typeof args === "string" : tellingFields(variant, args).length > 0;
}

interface Properties {
  readonly properties?: Readonly<Record<string, { readonly types?: readonly string[] }>>;
}

function connectionTypes({ args }: StageVariant): readonly string[] {
  return (args as Properties).properties?.["connectionName"]?.types ?? [];
}

function hasProperty({ args }: StageVariant, field: string): boolean {
  return has((args as Properties).properties, field);
}

function has<Field extends string>(value: unknown, field: Field): value is Readonly<Record<Field, unknown>> {
  return typeof value === "object" && value !== null && Object.hasOwn(value, field);
}
