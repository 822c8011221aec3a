import { modifyAwarenessUpdate } from 'y-protocols/awareness';

/** A place in a text as Yjs writes it: it moves along with what is typed before it. */
type Place = Record<string, unknown>;

interface Cursor {
  anchor: Place;
  head: Place;
}

/** Where someone is, as JupyterLab tells it (`cursors`), and as the Yjs bindings of other editors do (`cursor`). */
interface Where {
  cursors?: readonly (Cursor & { primary?: boolean; empty?: boolean })[];
  cursor?: Cursor | null;
}

/** Our own states on their way to the others: editors such as `y-codemirror.next` understand them too. */
export function forOtherEditors(states: Uint8Array): Uint8Array {
  return modifyAwarenessUpdate(states, withCursor);
}

/** States of the others: those of other editors become what JupyterLab understands. */
export function fromOtherEditors(states: Uint8Array): Uint8Array {
  return modifyAwarenessUpdate(states, withCursors);
}

export function withCursor<T extends Where | null>(state: T): T {
  if (!state?.cursors) {
    return state;
  }
  const main = state.cursors.find(({ primary }) => primary ?? true);
  return { ...state, cursor: main ? { anchor: main.anchor, head: main.head } : null };
}

export function withCursors<T extends Where | null>(state: T): T {
  const cursor = state?.cursor;
  if (!cursor?.anchor || !cursor.head || state?.cursors) {
    return state;
  }
  const empty = JSON.stringify(cursor.anchor) === JSON.stringify(cursor.head);
  return { ...state, cursors: [{ anchor: cursor.anchor, head: cursor.head, primary: true, empty }] };
}
