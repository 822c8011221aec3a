import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import * as Y from 'yjs';

import type { Held } from './holding';

/** Whose unconfirmed changes they are. */
export interface Entry {
  /** Unique over all documents, histories and tabs. */
  id: string;
  /** Base URL of the server: several may share an origin. */
  server: string;
  room: string;
  epoch: string;
  path: string;
  format: string;
  type: string;
  /** When it was last added to; milliseconds. */
  time: number;
  base: Uint8Array;
  logged?: Uint8Array;
}

/** The part of an entry that says which document it is of. */
export type Whose = Omit<Entry, 'id' | 'time' | 'base' | 'logged'>;

interface Schema extends DBSchema {
  entries: { key: string; value: Entry };
  rows: { key: number; value: { entry: string; update: Uint8Array }; indexes: { entry: string } };
}

/** Unconfirmed changes in this browser (IndexedDB), where they outlive the tab. Every method may fail: the browser says. */
export class Keep {
  private constructor(private _db: IDBPDatabase<Schema>) {}

  /** @throws DOMException where the browser keeps nothing, as in some private windows */
  static async open(): Promise<Keep> {
    return new Keep(
      await openDB<Schema>('jupyter-live', 1, {
        upgrade(db) {
          db.createObjectStore('entries', { keyPath: 'id' });
          db.createObjectStore('rows', { autoIncrement: true }).createIndex('entry', 'entry');
        }
      })
    );
  }

  /** Keep what a page holds, in place of what was kept of it before. */
  async begin(entry: Entry, mine: Uint8Array): Promise<void> {
    const work = this._db.transaction(['entries', 'rows'], 'readwrite');
    const [entries, rows] = [work.objectStore('entries'), work.objectStore('rows')];
    const old = await rows.index('entry').getAllKeys(entry.id);
    // All of them are waited for: each one fails on its own.
    await Promise.all([
      ...old.map(key => rows.delete(key)),
      entries.put(entry),
      rows.put({ entry: entry.id, update: mine }),
      work.done
    ]);
  }

  /** Keep more of it. @returns false where another tab has taken care of the entry meanwhile */
  async append(id: string, update: Uint8Array): Promise<boolean> {
    const work = this._db.transaction(['entries', 'rows'], 'readwrite');
    const [entries, rows] = [work.objectStore('entries'), work.objectStore('rows')];
    const entry = await entries.get(id);
    await Promise.all([
      ...(entry ? [entries.put({ ...entry, time: Date.now() }), rows.put({ entry: id, update })] : []),
      work.done
    ]);
    return entry !== undefined;
  }

  /** Let go of what the server has. */
  async remove(id: string): Promise<void> {
    const work = this._db.transaction(['entries', 'rows'], 'readwrite');
    const [entries, rows] = [work.objectStore('entries'), work.objectStore('rows')];
    const old = await rows.index('entry').getAllKeys(id);
    await Promise.all([...old.map(key => rows.delete(key)), entries.delete(id), work.done]);
  }

  /** What is kept for documents of this server, the oldest first. */
  async entries(server: string): Promise<Entry[]> {
    const all = await this._db.getAll('entries');
    return all.filter(entry => entry.server === server).sort((a, b) => a.time - b.time);
  }

  /** What is kept under an entry; null where it has been let go of since. */
  async held(entry: Entry): Promise<Held | null> {
    const rows = await this._db.getAllFromIndex('rows', 'entry', entry.id);
    const mine = () => Y.mergeUpdates(rows.map(row => row.update));
    return rows.length ? { base: entry.base, logged: entry.logged, mine: mine() } : null;
  }
}

/** Milliseconds that a browser may take to open its store: some never answer, and a document waits for it. */
const PATIENCE = 3_000;

let opening: Promise<Keep | null> | undefined;

/** What this browser keeps; null where it keeps nothing. Nobody has to fear that it throws. */
export function openKeep(): Promise<Keep | null> {
  return (opening ??= openSoon().catch(error => {
    console.warn('jupyter-live: this browser keeps nothing', error);
    return null;
  }));
}

function openSoon(): Promise<Keep> {
  const tooLate = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no answer')), PATIENCE));
  return Promise.race([Keep.open(), tooLate]);
}
