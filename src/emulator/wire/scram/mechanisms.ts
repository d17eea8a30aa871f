/** How users log in here. The first is what clients prefer. */
export const mechanisms = {
  "SCRAM-SHA-256": { hash: "sha256", hashBytes: 32, saltBytes: 28, iterations: 15_000 },
  "SCRAM-SHA-1": { hash: "sha1", hashBytes: 20, saltBytes: 16, iterations: 10_000 },
} as const;

export type Mechanism = keyof typeof mechanisms;

export const mechanismNames = Object.keys(mechanisms) as readonly Mechanism[];

export function isMechanism(value: unknown): value is Mechanism {
  return mechanismNames.some((name) => name === value);
}
