import { call, choose } from "./build-term.ts";
import { isWhole, plainCall, same } from "./call-term.ts";
import { decideBySides } from "./compare-terms.ts";
import { restField } from "./document-term.ts";
import { isConstant, literal, stored } from "./term.ts";
import type { DocumentTerm, FieldPath, Term } from "./term.ts";

/** What a second application of an update does. */
export interface Repetition {
  /** The first field that may change again; undefined where none does. */
  readonly changing: Changing | undefined;
  /** Stored fields that tell an incoming document from one that was applied: whoever inserts has to write them. */
  readonly marks: readonly FieldPath[];
}

export interface Changing {
  /** `[restField]` for the document as a whole. */
  readonly field: FieldPath;
  /** The stored field of a guard that does not hold a second application up, and why. */
  readonly guard?: { readonly mark: FieldPath; readonly problem: "never set" | "lets equal through" };
}

/** More cases than this are not gone through. */
const maxCases = 2000;

/** Truths of conditions over the stored document, by the text of the condition. */
type Assumed = ReadonlyMap<string, boolean>;

/**
 * Finds out whether an update that is applied twice leaves what it leaves when it is applied once.
 *
 * For each field and each way through the conditions, the update is applied in thought to its own result, and the two outcomes are
 * compared. What cannot be shown to be equal counts as different.
 */
export function findRepetition(update: DocumentTerm): Repetition {
  const marks = new Map<string, FieldPath>();
  let left = maxCases;
  for (const field of [...update.set, [restField]]) {
    const once = update.read(field);
    for (const [first, assumed] of cases(once, new Map())) {
      const again = createRewriter(update, assumed, (mark) => marks.set(JSON.stringify(mark), mark));
      for (const [second, both] of cases(again(once), assumed)) {
        left -= 1 + Math.floor(once.size / 50);
        if (left > 0 && same(resolve(first, both), resolve(second, both))) continue;
        const guard = [...conditionsOf(once)].map((each) => failedGuard(each, both, again)).find((found) => found);
        return { changing: { field, ...(guard === undefined ? {} : { guard }) }, marks: [...marks.values()] };
      }
    }
  }
  return { changing: undefined, marks: [...marks.values()] };
}

/** Every value that a term may have, with what must hold for it. */
function* cases(term: Term, assumed: Assumed): Generator<readonly [Term, Assumed]> {
  if (term.kind !== "choice") {
    yield [term, assumed];
    return;
  }
  const known = decide(term.condition, assumed);
  if (known !== false) yield* cases(term.then, known === true ? assumed : assume(term.condition, true, assumed));
  if (known !== true) yield* cases(term.otherwise, known === false ? assumed : assume(term.condition, false, assumed));
}

/** The term where the conditions that are known have been decided. */
function resolve(term: Term, assumed: Assumed): Term {
  if (term.kind !== "choice") return term;
  const known = decide(term.condition, assumed);
  if (known === undefined) return term;
  return resolve(known ? term.then : term.otherwise, assumed);
}

function assume(condition: Term, truth: boolean, assumed: Assumed): Assumed {
  const more = isWhole(condition) ? new Map(assumed).set(condition.text, truth) : assumed;
  if (condition.kind !== "call") return more;
  const parts = { $not: !truth, $and: truth, $or: truth }[condition.name];
  const spreads = condition.name === "$not" || (condition.name === "$and" ? truth : condition.name === "$or" && !truth);
  return spreads && parts !== undefined
    ? condition.args.reduce<Assumed>((all, part) => assume(part, parts, all), more)
    : more;
}

function decide(condition: Term, assumed: Assumed): boolean | undefined {
  const known = assumed.get(condition.text) ?? decideBySides(condition);
  if (known !== undefined || condition.kind !== "call") return known;
  const parts = (): readonly (boolean | undefined)[] => condition.args.map((part) => decide(part, assumed));
  switch (condition.name) {
    case "$not": {
      const [part] = parts();
      return part === undefined ? undefined : !part;
    }
    case "$and":
      if (parts().includes(false)) return false;
      return parts().every((part) => part === true) ? true : undefined;
    case "$or":
      if (parts().includes(true)) return true;
      return parts().every((part) => part === false) ? false : undefined;
    default:
      return undefined;
  }
}

/** Gives a term of the stored document as a term of the document before the update, under what is assumed of that. */
function createRewriter(
  update: DocumentTerm,
  assumed: Assumed,
  onMark: (path: FieldPath) => void,
): (term: Term) => Term {
  const known = new Map<string, Term>();
  const rewrite = (term: Term): Term => {
    if (isConstant(term)) return term;
    const before = known.get(term.text);
    if (before !== undefined) return before;
    const after = rewriteUnknown(term);
    if (isWhole(term)) known.set(term.text, after);
    return after;
  };
  const rewriteUnknown = (term: Term): Term => {
    switch (term.kind) {
      case "stored":
        return resolve(update.read(term.path), assumed);
      case "choice": {
        const condition = rewriteCondition(term.condition);
        return choose(condition, rewrite(term.then), rewrite(term.otherwise));
      }
      case "call":
        if (term.args.length > 0) return call(term.name, term.args.map(rewrite));
        return isKept(term) ? term : unequal;
      default:
        return isKept(term) ? term : unequal;
    }
  };
  const rewriteCondition = (condition: Term): Term => {
    const after = presume(condition, rewrite(condition));
    // Truths that the update itself has brought about are what a guard is made of.
    if (decide(after, assumed) !== undefined && !same(after, condition)) condition.reads.forEach(onMark);
    return after;
  };
  const isFieldKept = (path: FieldPath): boolean => same(resolve(update.read(path), assumed), stored(path));
  const isWholeKept = (): boolean => [...update.set, [restField]].every(isFieldKept);
  const isKept = ({ reads }: Term): boolean =>
    reads.every((path) => (path.length === 0 ? isWholeKept() : isFieldKept(path)));
  return rewrite;
}

/** Equal to nothing, not even itself: what cannot be followed. */
const unequal: Term = { ...plainCall("unknown", []), text: "\0cut", reads: [[]] };

/** "There is none yet" no longer holds after something of the incoming document was stored, which is taken to be there. */
function presume(before: Term, after: Term): Term {
  if (isConstant(before) || before.kind !== "call") return after;
  if (before.name === "$and" || before.name === "$or" || before.name === "$not") {
    if (after.kind !== "call" || after.name !== before.name || after.args.length !== before.args.length) return after;
    return call(
      before.name,
      before.args.map((part, index) => presume(part, after.args[index] ?? part)),
    );
  }
  if (before.name !== "$eq" || after.kind !== "call" || same(before, after)) return after;
  const isNothing = (term: Term): boolean =>
    term.kind === "literal" && (term.value === null || term.value === undefined || term.value === "missing");
  return before.args.some(isNothing) && after.args.some(hasIncoming) ? literal(false) : after;
}

/** True for something of the incoming document, its type, and the largest of it and others. */
function hasIncoming(term: Term): boolean {
  if (term.kind === "incoming") return true;
  return term.kind === "call" && ["$type", "$max", "$min", "$ifNull", "present"].includes(term.name)
    ? term.args.some(hasIncoming)
    : false;
}

function* conditionsOf(term: Term): Generator<Term> {
  if (term.kind !== "choice") return;
  yield* partsOf(term.condition);
  yield* conditionsOf(term.then);
  yield* conditionsOf(term.otherwise);
}

function* partsOf(condition: Term): Generator<Term> {
  if (condition.kind === "call" && ["$not", "$and", "$or"].includes(condition.name)) {
    for (const part of condition.args) yield* partsOf(part);
  } else yield condition;
}

/** A comparison of something stored with something incoming that was meant for a guard, and does not work as one. */
function failedGuard(condition: Term, assumed: Assumed, again: (term: Term) => Term): Changing["guard"] {
  if (condition.kind !== "call" || !["gt", "$eq", "$in"].includes(condition.name)) return undefined;
  const [mark] = condition.reads;
  const isMixed = condition.args.some((arg) => isConstant(arg) && arg.kind !== "literal");
  if (mark === undefined || !isMixed || !assumed.has(condition.text)) return undefined;
  const after = again(condition);
  if (same(after, condition)) return { mark, problem: "never set" };
  const [storedSide, incomingSide] = condition.args;
  if (condition.name !== "gt" || storedSide === undefined || incomingSide === undefined) return undefined;
  // It would hold the document up if it were asked the other way round.
  const isNewer = decideBySides(plainCall("gt", [incomingSide, again(storedSide)]));
  return isConstant(incomingSide) && isNewer === false ? { mark, problem: "lets equal through" } : undefined;
}
