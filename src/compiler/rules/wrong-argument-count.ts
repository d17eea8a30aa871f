import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

interface Data {
  readonly operator: string;
  readonly least: number;
  readonly most: number;
  readonly count: number;
}

/** Documented in docs/errors/ASP1042.md, whose examples are run as tests. */
export const wrongArgumentCount = defineFinding<Data>("ASP1042", {
  severity: "error",
  message: ({ operator, least, most, count }) =>
    `${quote(operator)} takes ${range(least, most)} ${most === 1 ? "argument" : "arguments"}, not ${count}`,
  help: ({ operator, least, most, count }) => {
    if (count < least) return "add what is missing";
    return most === 1 ? `write { ${operator}: [[ … ]] } if the array is the argument` : "take out what is too much";
  },
});

function range(least: number, most: number): string {
  if (least === most) return String(least);
  return most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
}
