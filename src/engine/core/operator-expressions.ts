import type { Document } from "bson";
import type { OperatorName } from "./plan-steps.ts";

/**
 * The expressions of a stage that the engine does itself, which mongod evaluates for each document; `undefined` where there are none.
 *
 * Names that the author gives (of headers, of parameters) are left out: a name with a dot is none of an expression's.
 */
export function operatorExpressions(name: OperatorName, args: Document): Document | undefined {
  switch (name) {
    case "$https": {
      const { path, parameters, headers } = args;
      const expressions = {
        ...(path === undefined ? {} : { path }),
        ...(parameters === undefined ? {} : { parameters: Object.values(parameters as Document) }),
        ...(headers === undefined ? {} : { headers: Object.values(headers as Document) }),
      };
      return Object.keys(expressions).length === 0 ? undefined : expressions;
    }
    case "$externalFunction":
      return args["partitionBy"] === undefined ? undefined : { partition: args["partitionBy"] };
    case "$cachedLookup":
    case "$throttle":
      return undefined;
  }
}
