import { placeNamespace } from "../../config/place-namespace.ts";
import type { Namespace } from "../../config/place-namespace.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { atOf, child, descend } from "../cursor.ts";
import type { WholeProcessor } from "../own-stages.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP4046.md, whose examples are run as tests. */
export const imagesNotKept = defineFinding<{
  field: string;
  db: string | undefined;
  coll: string | undefined;
  /** What the collection is called in the environment; absent where it is not one. */
  placed: Namespace | undefined;
}>("ASP4046", {
  severity: "warning",
  message: ({ field, db, coll }) =>
    `${quote(field)} is \`required\`, and atlas.config.yaml keeps no images of ${inWords(db, coll)}`,
  notes: ({ placed }) => [
    "the processor fails at the first change of which there is no image",
    ...(placed === undefined ? [] : [`to keep them from now on: ${collMod(placed)}`]),
  ],
  help: "run `collMod`, and add the collection to `collections` with `changeStreamPreAndPostImages: true`",
});

function collMod({ db, coll }: Namespace): string {
  const command = `{ collMod: ${JSON.stringify(coll)}, changeStreamPreAndPostImages: { enabled: true } }`;
  return `db.getSiblingDB(${JSON.stringify(db)}).runCommand(${command})`;
}

function inWords(db: string | undefined, coll: string | undefined): string {
  if (db === undefined) return "any collection of this connection";
  return coll === undefined ? `any collection of ${quote(db)}` : quote(`${db}.${coll}`);
}

/** Fields of a change stream whose value `required` asks for images. */
const fields = ["fullDocument", "fullDocumentBeforeChange"];

/** Finds images that a source requires and no entry of `collections` keeps. Of a whole database one entry with images is enough. */
export function checkImages({ environment, stages }: WholeProcessor): readonly Finding[] {
  const source = stages.find(({ description }) => description?.role === "source")?.args;
  const field = fields.find((field) => source && descend(source, ["config", field]).value === "required");
  if (source === undefined || field === undefined) return [];
  const [connectionName, db, coll] = ["connectionName", "db", "coll"].map((name) => child(source, name).value);
  const kept = environment.collections.filter(
    (entry) =>
      entry.changeStreamPreAndPostImages?.enabled === true &&
      entry.connectionName === connectionName &&
      (db === undefined || entry.db === db),
  );
  const wanted = coll === undefined ? [undefined] : [coll].flat();
  const missing = wanted.filter((each) => !kept.some((entry) => each === undefined || entry.coll === each));
  const at = atOf(descend(source, ["config", field]));
  return missing.map((each) => {
    const [database, name] = [toText(db), toText(each)];
    const placed =
      database === undefined || name === undefined ? undefined : placeNamespace(database, name, environment);
    return imagesNotKept(at, { field, db: database, coll: name, placed });
  });
}

function toText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
