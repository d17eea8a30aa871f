/** Types that a BSON value becomes. Source: asp-language section 1.13, and the table of its documentation, "Type Conversion". */
export const icebergPrimitives = ["boolean", "int", "long", "double", "string", "binary", "timestamptz"] as const;
export type IcebergPrimitive = (typeof icebergPrimitives)[number];

/** A type as the metadata of a table has it in JSON. Source: the Iceberg table specification, Appendix C. */
export type IcebergType = IcebergPrimitive | IcebergStruct | IcebergList;

export interface IcebergStruct {
  readonly type: "struct";
  readonly fields: readonly IcebergField[];
}

export interface IcebergList {
  readonly type: "list";
  readonly "element-id": number;
  readonly "element-required": boolean;
  readonly element: IcebergType;
}

/** A column, or a field within one. */
export interface IcebergField {
  readonly id: number;
  readonly name: string;
  readonly required: boolean;
  readonly type: IcebergType;
}

export function isPrimitive(type: unknown): type is IcebergPrimitive {
  return icebergPrimitives.some((primitive) => primitive === type);
}

/** How a type reads in a message. */
export function nameOfIceberg(type: IcebergType): string {
  return typeof type === "string" ? type : type.type;
}

/** The field at a path of names, dots between them: a whole name first, then those within structs. */
export function fieldAt(fields: readonly IcebergField[], path: string): IcebergField | undefined {
  const whole = fields.find(({ name }) => name === path);
  if (whole !== undefined) return whole;
  for (const { name, type } of fields) {
    if (typeof type === "string" || type.type !== "struct" || !path.startsWith(`${name}.`)) continue;
    const inner = fieldAt(type.fields, path.slice(name.length + 1));
    if (inner !== undefined) return inner;
  }
  return undefined;
}
