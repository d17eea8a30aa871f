/** A field with its id, by which readers know it. */
export function avroField(id: number, name: string, type: unknown): object {
  return { name, type, "field-id": id };
}

/** The same where there may be none. */
export function optionalField(id: number, name: string, type: unknown): object {
  return { name, type: ["null", type], default: null, "field-id": id };
}
