import type { Document } from "bson";
import type { ResumeToken } from "../core/resume-token.ts";
import { isTooLarge, lacksImage } from "../core/source-error.ts";
import { openChangeStream, type ChangeStreamScope } from "./change-stream.ts";
import { findCulprit } from "./find-culprit.ts";

/** Where a change stream stopped. */
export interface Breakdown {
  readonly scope: ChangeStreamScope;
  /** `config.pipeline`. */
  readonly filter: readonly Document[];
  readonly token: ResumeToken;
  readonly signal: AbortSignal;
}

const patienceMs = 30_000;
const filteredPatienceMs = 5000;
/** Of an event only what it is, which is always deliverable. */
const slim: Document = { $project: { operationType: 1, ns: 1, documentKey: 1 } };

/**
 * Names the event that a change stream could not deliver: "update of {"_id":"big"}".
 *
 * @returns `undefined` where no event is at fault, none is found in time, or the server refuses
 */
export async function nameCulprit(error: unknown, at: Breakdown): Promise<string | undefined> {
  const { scope, filter } = at;
  // It is whole within the server, and only what is sent of it is small.
  if (isTooLarge(error)) return firstEvent(at, scope, [...filter, slim], patienceMs);
  if (!lacksImage(error)) return undefined;
  const lenient = { ...scope, mode: withoutDemands(scope.mode) };
  // A change stream goes on only from an event that it would deliver.
  const lacking = [{ $match: { $or: [{ _id: at.token }, ...eventsWithoutImage(scope.mode)] } }, slim];
  // An event that the filter leaves out may be the one, where the server asks for the image first.
  return (
    (await firstEvent(at, lenient, [...filter, ...lacking], filteredPatienceMs)) ??
    (await firstEvent(at, lenient, lacking, patienceMs))
  );
}

function withoutDemands(mode: Document): Document {
  return Object.fromEntries(
    Object.entries(mode).map(([name, value]) => [name, value === "required" ? "whenAvailable" : (value as unknown)]),
  );
}

function eventsWithoutImage({ fullDocument, fullDocumentBeforeChange }: Document): readonly Document[] {
  const before = { operationType: { $in: ["update", "replace", "delete"] }, fullDocumentBeforeChange: null };
  return [
    ...(fullDocument === "required" ? [{ operationType: "update", fullDocument: null }] : []),
    ...(fullDocumentBeforeChange === "required" ? [before] : []),
  ];
}

function firstEvent(
  { token, signal }: Breakdown,
  scope: ChangeStreamScope,
  stages: readonly Document[],
  deadlineMs: number,
): Promise<string | undefined> {
  return findCulprit(() => openChangeStream(scope, stages, { startAfter: token }), { signal, deadlineMs });
}
