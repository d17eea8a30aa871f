/**
 * Codes that a project cannot change, first and last of each range.
 *
 * After the first of them there is no value to make a definition of, or none that is whole. The others are not found by checking a
 * project: they come from its fixtures, from the command line, from a mongod or from asp itself.
 */
const fixed: readonly (readonly [first: number, last: number])[] = [
  // A processor or a stage that is none; a value that BSON cannot hold.
  [1001, 1002],
  [1020, 1023],
  [1025, 1027],
  // A projection that does not compile to stages.
  [1100, 1122],
  // A config that cannot be read or has no such environment, a variable or an address that is missing.
  [4000, 4001],
  [4003, 4008],
  [4011, 4015],
  // What is wrong with an adjustment itself.
  [4020, 4029],
  // A module that cannot be loaded; two processors of one name.
  [4050, 4056],
  [4058, 4059],
  // Fixtures, the world, the command line, what a module does to the process.
  [4100, 4199],
  [5010, 5999],
  // What a workspace refuses, and what is found in it.
  [6000, 6999],
  [8000, 9999],
];

/**
 * Codes that the service may see otherwise, and that asp's own engine stands on: fields of stages, their order, the connections, and
 * what it does not run.
 */
const neededToRun: typeof fixed = [
  [1005, 1019],
  [1031, 1033],
  [2000, 2999],
  [4030, 4031],
  [5001, 5001],
];

/** True for a code whose severity neither the config nor a comment changes. */
export function isFixedCode(code: string): boolean {
  return isIn(fixed, code);
}

/** True for a code that stays an error where asp's own engine is to run the processor. */
export function isNeededToRun(code: string): boolean {
  return isIn(neededToRun, code);
}

function isIn(ranges: typeof fixed, code: string): boolean {
  const number = Number(code.slice(3));
  return ranges.some(([first, last]) => first <= number && number <= last);
}
