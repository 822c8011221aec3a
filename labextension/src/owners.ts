/**
 * Which tabs of this browser are alive that keep something, told by the locks that they hold (Web Locks).
 *
 * Locks need a secure context. Without them nobody is known to be alive: two tabs may hand in one entry, which does no
 * harm.
 */

const lockName = (id: string): string => `jupyter-live:${id}`;

/** Ids that this page owns. */
const ours = new Set<string>();

/** Own an entry until `released`. */
export function own(id: string, released: Promise<void>): void {
  ours.add(id);
  const over = () => void ours.delete(id);
  // Where the browser grants none it is as if it had none.
  (navigator.locks?.request(lockName(id), () => released) ?? released).then(over, over);
}

/** Do `work` on an entry that nobody owns; nothing otherwise. */
export async function claim(id: string, work: () => Promise<void>): Promise<void> {
  if (navigator.locks) {
    await navigator.locks.request(lockName(id), { ifAvailable: true }, lock => (lock ? work() : undefined));
  } else {
    await work();
  }
}

/** Tells of an id whether its owner is alive. */
export async function owned(): Promise<(id: string) => boolean> {
  const { held } = (await navigator.locks?.query()) ?? {};
  const names = new Set(held?.map(lock => lock.name));
  return id => names.has(lockName(id));
}

/**
 * Wait until one of the other tabs that own some of these entries lets go of it, as every tab does that is closed.
 *
 * @returns false where no other tab owns any
 * @throws DOMException when `signal` says to wait no longer
 */
export async function abandoned(ids: string[], signal: AbortSignal): Promise<boolean> {
  const isOwned = await owned();
  const theirs = ids.filter(id => isOwned(id) && !ours.has(id));
  const enough = new AbortController();
  const until = AbortSignal.any([signal, enough.signal]);
  const waits = theirs.map(id => navigator.locks.request(lockName(id), { signal: until }, () => undefined));
  try {
    await Promise.race(waits.length ? waits : [undefined]);
  } finally {
    enough.abort();
    await Promise.allSettled(waits);
  }
  return theirs.length > 0;
}
