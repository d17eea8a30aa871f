/** What a promise gives, or `undefined` as soon as `signal` says stop; what comes of the promise then is nobody's. */
export async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  let leave = (): void => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    leave = () => resolve(undefined);
  });
  if (signal.aborted) leave();
  signal.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", leave);
    work.catch(() => undefined);
  }
}
