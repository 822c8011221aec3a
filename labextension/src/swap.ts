import * as Y from 'yjs';

/** What Yjs keeps in a shared type; its own declarations say so too, as internal. */
interface Insides {
  _start: unknown;
  _length: number;
  _map: Map<string, unknown>;
  _searchMarker: unknown[] | null;
}

/**
 * Put another history into a document that is in use.
 *
 * Two histories must never be merged, so the document has to be a new one; but everything in a page (model, widgets,
 * editors, other packages) holds on to this one and to its shared types. So these objects stay, and are emptied:
 *
 * 1. What is to go is deleted as if another person did it, so that whoever listens takes it down.
 * 2. The history goes: a document's history is its `store`, and the heads in each of its root types (`_start` for a
 *    sequence, `_map` for keys, `_length` and the search markers as caches of them). A new client id, since the numbers of
 *    this page's changes begin at zero again. `test/swap.test.mjs` pins these insides against the yjs installed.
 * 3. What is new comes like a first synchronization.
 *
 * Deleting `state` would tell listeners of a file without path and hash in between: of a map only those keys are
 * deleted that the new history lacks.
 *
 * @param next a document with the whole new history; not needed afterwards
 * @param origin of the changes that listeners see
 * @param renamed called when the document has its new client id, before anything new is in it
 */
export function swapHistory(doc: Y.Doc, next: Y.Doc, origin: object, renamed = () => {}): void {
  undeterred(() => Y.transact(doc, () => doc.share.forEach((type, name) => takeDown(type, name, next)), origin, false));
  const fresh = new Y.Doc();
  doc.store = fresh.store;
  doc.clientID = fresh.clientID;
  for (const type of doc.share.values()) {
    const insides = type as unknown as Insides;
    insides._start = null;
    insides._length = 0;
    insides._map = new Map();
    insides._searchMarker = insides._searchMarker && [];
  }
  undeterred(renamed);
  undeterred(() => Y.applyUpdate(doc, Y.encodeStateAsUpdate(next), origin));
}

/** Yjs throws what listeners throw, after the change is made. A history that is half in place would be worse. */
function undeterred(work: () => void): void {
  try {
    work();
  } catch (error) {
    console.error('jupyter-live: a listener failed while the history was replaced', error);
  }
}

function takeDown(type: unknown, name: string, next: Y.Doc): void {
  if (type instanceof Y.Map) {
    const stays = next.getMap(name);
    [...type.keys()].filter(key => !stays.has(key)).forEach(key => type.delete(key));
  } else if (type instanceof Y.Array || type instanceof Y.Text || type instanceof Y.XmlFragment) {
    type.delete(0, type.length);
  }
}
