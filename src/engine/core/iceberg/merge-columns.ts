import type { Columns } from "./fit-document.ts";
import type { IcebergField, IcebergType } from "./iceberg-type.ts";
import { nameOfIceberg } from "./iceberg-type.ts";
import { TableError } from "./table-metadata.ts";

/**
 * The columns of a table that somebody else has changed, with those that were to be added to it: by name, with ids of their own.
 *
 * @throws TableError where a column has another type by now
 */
export function mergeColumns({ fields, lastId }: Columns, mine: readonly IcebergField[]): Columns {
  const ids = { last: lastId };
  const next = (): number => {
    ids.last += 1;
    return ids.last;
  };
  return { fields: mergeFields(fields, mine, next, ""), lastId: ids.last };
}

function mergeFields(
  fields: readonly IcebergField[],
  mine: readonly IcebergField[],
  next: () => number,
  prefix: string,
): readonly IcebergField[] {
  const merged = new Map(fields.map((field) => [field.name, field]));
  for (const { name, type } of mine) {
    const known = merged.get(name);
    const path = `${prefix}${name}`;
    merged.set(name, {
      id: known?.id ?? next(),
      name,
      required: known?.required ?? false,
      type: mergeType(known?.type, type, next, path),
    });
  }
  return [...merged.values()];
}

function mergeType(known: IcebergType | undefined, mine: IcebergType, next: () => number, path: string): IcebergType {
  if (known !== undefined && kindOf(known) !== kindOf(mine)) {
    throw new TableError(
      `somebody else made its column \`${path}\` ${nameOfIceberg(known)}, and it was to be ${nameOfIceberg(mine)}`,
    );
  }
  if (typeof mine === "string") return mine;
  if (mine.type === "struct") {
    const fields = typeof known === "object" && known.type === "struct" ? known.fields : [];
    return { type: "struct", fields: mergeFields(fields, mine.fields, next, `${path}.`) };
  }
  const own = typeof known === "object" && known.type === "list" ? known : undefined;
  const id = own?.["element-id"] ?? next();
  const element = mergeType(own?.element, mine.element, next, `${path}[]`);
  return { type: "list", "element-id": id, "element-required": own?.["element-required"] ?? false, element };
}

function kindOf(type: IcebergType): string {
  return typeof type === "string" ? type : type.type;
}
