import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take half a minute and more, by the ends of their paths. */
const long: readonly string[] = [
  "cli/guide.mongosh.test.ts",
  "deploy/rebuild/rebuild.mongod.test.ts",
  "engine/windows/windows.mongod.test.ts",
  "cli/operate.mongod.test.ts",
  "expressions/operand-demands.mongod.test.ts",
  "deploy/apply.mongod.test.ts",
];

/** Has the longest files begin first: begun last, one of them would go on alone while a processor is idle. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- a method of vitest's, which gives another list
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => long.some((end) => moduleId.endsWith(end));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
