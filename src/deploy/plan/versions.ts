/** What the versions of a collection or of a processor are called while one is built beside the other. */
export interface Versions {
  /** What everybody reads, and what runs. */
  readonly live: string;
  /** What is being built. */
  readonly next: string;
  /** What was live before, kept until it is no more needed. */
  readonly old: string;
}

/** `orders`, `orders__v2`, `orders__v1`. */
export function versionsOf(name: string): Versions {
  return { live: name, next: `${name}__v2`, old: `${name}__v1` };
}

/** The name of what is live, from that of any of its versions. */
export function liveNameOf(name: string): string {
  return name.replace(/__v[12]$/u, "");
}
