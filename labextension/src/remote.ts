import * as Y from 'yjs';

let depth = 0;

/**
 * Apply other people's changes to `doc`, all at once.
 *
 * `origin` keeps them out of this person's undo history, whose managers track only local origins.
 */
export function applyRemote(doc: Y.Doc, updates: Uint8Array[], origin: object): void {
  asRemote(() => Y.transact(doc, () => updates.forEach(update => Y.applyUpdate(doc, update)), origin, false));
}

/** Let what `work` changes count as another person's. */
export function asRemote(work: () => void): void {
  depth += 1;
  try {
    work();
  } finally {
    depth -= 1;
  }
}

/**
 * Is the change that is being announced right now another person's?
 *
 * The signals of a shared model do not tell who changed it. They are emitted while the change is applied, so the
 * answer is right in the synchronous part of their handlers, and only there.
 */
export function isRemoteChange(): boolean {
  return depth > 0;
}
