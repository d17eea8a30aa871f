import { expectTypeOf, test } from "vitest";
import type { ExternalFunction } from "../../src/index.ts";

test("a function that stands in for one of Lambda", () => {
  const addTax: ExternalFunction<{ net: number }, { gross: number }> = async ({ net }, context) => {
    expectTypeOf(context.getRemainingTimeInMillis()).toBeNumber();
    expectTypeOf(context.functionName).toBeString();
    return { gross: net * 1.19 };
  };
  expectTypeOf(addTax).parameter(0).toEqualTypeOf<{ net: number }>();
  // @ts-expect-error it gives another thing than it says
  const wrong: ExternalFunction<{ net: number }, { gross: number }> = ({ net }) => net;
  expectTypeOf(wrong).toBeFunction();
});
