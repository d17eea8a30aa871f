/** What is left out of a published list, and what is put in: names by the first server version that has them. */
export interface Correction {
  readonly without: readonly string[];
  readonly also: Readonly<Record<string, string>>;
}

/** Where the published lists are wrong or lack something; "counted" is what `serverStatus` of a mongod 6.0.5 lists. */
export const corrections = {
  expressions: {
    without: [
      // Counted as an accumulator and as a query operator only.
      "accumulator",
      "sampleRate",
      // The server's manual: an operator of $setWindowFields.
      "minMaxScaler",
      // Atlas Stream Processing has them whatever the server. Source: asp-language section 1.15.
      "createUUID",
      "currentDate",
    ],
    also: {
      // Counted; all but $ne and $const are published among the accumulators only.
      "6.0": "avg const firstN lastN max maxN min minN ne stdDevPop stdDevSamp sum",
      // The server's manual, "New in version".
      "7.0": "median percentile",
      "8.0": "toUUID",
      "8.2": "encStrContains encStrEndsWith encStrNormalizedEq encStrStartsWith",
    },
  },
  accumulators: {
    // Counted among the window operators only.
    without: [
      ...["covariancePop", "covarianceSamp", "denseRank", "derivative", "documentNumber", "expMovingAvg"],
      ...["integral", "linearFill", "locf", "rank", "shift"],
    ],
    also: {
      // Counted.
      "6.0": "mergeObjects",
      // The server's manual, "New in version".
      "8.1": "concatArrays setUnion",
    },
  },
  windowOperators: {
    without: [],
    also: {
      // Counted.
      "6.0":
        "covariancePop covarianceSamp denseRank derivative documentNumber expMovingAvg integral linearFill locf rank shift",
      // The published list has it among the expressions.
      "8.2": "minMaxScaler",
    },
  },
  queryOperators: {
    // An operator of `find`'s projection.
    without: ["slice"],
    // Counted, or a second name or an option of one that is.
    also: { "6.0": "alwaysFalse alwaysTrue geoNear options sampleRate within" },
  },
} satisfies Record<string, Correction>;
