import type { FindMongodOptions, MongodBinary, MongodOrigin } from "../mongod.ts";

/** What a source is told. */
export interface Search extends FindMongodOptions {
  /** False: say what would be downloaded, and do not. */
  readonly download: boolean;
}

/** One place a mongod may come from. */
export interface MongodSource {
  readonly origin: MongodOrigin;
  /** The binary, known to run; or one sentence that says why there is none here. */
  readonly find: (search: Search) => Promise<Omit<MongodBinary, "origin"> | string>;
}

/** What came of asking a source. */
export interface Attempt {
  readonly origin: MongodOrigin;
  readonly used: boolean;
  readonly reason: string;
}
