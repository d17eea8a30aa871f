import type { Document } from "bson";
import { AspError } from "../../../diagnostics/asp-error.ts";
import type { SchemaInference } from "./fit-document.ts";
import type { PartitionedBy } from "./partition-spec.ts";
import { readTransform } from "./transforms.ts";

/** An `$iceberg`, whose tables the engine writes as files. */
export interface IcebergPlan {
  readonly kind: "iceberg";
  readonly connectionName: string;
  readonly bucket: string;
  readonly path: string;
  readonly databaseName: string;
  /** A name, or an expression that gives one. */
  readonly tableName: unknown;
  readonly mode: "cdc" | "insert";
  readonly idFieldName: string;
  readonly partitionedBy: Document | undefined;
  readonly inference: SchemaInference;
}

/** Takes an `$iceberg` apart. Source: asp-language section 1.13. */
export function planIceberg(connectionName: string, args: Document): IcebergPlan {
  return {
    kind: "iceberg",
    connectionName,
    bucket: args["bucket"],
    path: args["path"],
    databaseName: args["databaseName"],
    tableName: args["tableName"],
    mode: args["mode"] ?? "cdc",
    idFieldName: args["idFieldName"] ?? "_id",
    partitionedBy: args["partitionedBy"] as Document | undefined,
    inference: (args["schemaInference"] as Document | undefined)?.["mode"] ?? "json",
  };
}

/**
 * The parts of `partitionedBy`, in its order.
 *
 * @throws AspError ASP5204 for what no table can be divided by, and for a key that no row can have
 */
export function partsOfPlan(name: string, { partitionedBy, idFieldName }: IcebergPlan): readonly PartitionedBy[] {
  const refuse = (what: string, help: string): never => {
    throw new AspError("ASP5204", `\`$iceberg\` of \`${name}\`: ${what}`, { help });
  };
  if (idFieldName.includes(".")) {
    refuse(
      `\`idFieldName\` is \`${idFieldName}\`, a field within another`,
      "name a top-level field, and put the value there with a `$set`",
    );
  }
  if (partitionedBy === undefined) return [];
  const entries = Object.entries(partitionedBy);
  const [first] = entries;
  if (first === undefined) return refuse("`partitionedBy` names no column", "leave it out, or name columns in it");
  if (first[0] !== idFieldName) {
    refuse(
      `\`partitionedBy\` begins with \`${first[0]}\`, and the key of a row is \`${idFieldName}\``,
      `put \`${idFieldName}\` first in \`partitionedBy\``,
    );
  }
  return entries.map(([path, value]) => {
    const transform = readTransform(value);
    if (transform !== undefined) return { path, transform };
    return refuse(
      `\`partitionedBy.${path}\` is no transform`,
      "write identity, year, month, day, hour, { truncate: <whole number> } or { bucket: <whole number> }",
    );
  });
}
