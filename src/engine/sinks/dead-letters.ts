import type { Document } from "bson";
import { BSON } from "bson";
import type { DeadLetterTarget } from "../../stages/definition.ts";
import type { Cluster } from "../engine.ts";
import { isDocumentError } from "../core/document-error.ts";
import { withoutDocument } from "../core/dead-letter.ts";
import { runWrite } from "./run-write.ts";

/** Takes dead letters to their collection; where there is none they are dropped, as on the service. */
export interface DeadLetters {
  write(letters: readonly Document[]): Promise<void>;
}

const commandBytes = 12 * 1024 * 1024;

export function createDeadLetters(
  target: DeadLetterTarget | undefined,
  cluster: (connectionName: string) => Cluster,
): DeadLetters {
  if (target === undefined) return { write: async () => undefined };
  const db = cluster(target.connectionName).client.db(target.db);
  const insert = async (documents: readonly Document[]): Promise<void> => {
    const { errors } = await runWrite(db, { insert: target.coll, documents, ordered: false });
    const refused = errors.map(({ index }) => documents[index as number] ?? {}).map(withoutDocument);
    if (refused.length > 0) await runWrite(db, { insert: target.coll, documents: refused, ordered: false });
  };
  const insertAnyhow = async (documents: readonly Document[]): Promise<void> => {
    try {
      await insert(documents);
    } catch (error) {
      if (!isDocumentError(error)) throw error;
      if (documents.length === 1) await insert(documents.map(withoutDocument));
      else for (const document of documents) await insertAnyhow([document]);
    }
  };
  return {
    write: async (letters) => {
      let open: Document[] = [];
      let bytes = 0;
      for (const letter of letters) {
        const size = BSON.calculateObjectSize(letter);
        if (open.length > 0 && bytes + size > commandBytes) {
          await insertAnyhow(open);
          open = [];
          bytes = 0;
        }
        open.push(letter);
        bytes += size;
      }
      if (open.length > 0) await insertAnyhow(open);
    },
  };
}
