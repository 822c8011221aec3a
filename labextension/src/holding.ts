import * as Y from 'yjs';

/** So many changes are kept one by one, to be filed one by one. */
const MANY = 500;

/** What of a history a page holds, as the server takes it when plain sync cannot go on. */
export interface Held {
  /** The document as it is known to be in the file; empty where nothing is known. */
  base: Uint8Array;
  /** On top of `base`, everything that the page has. */
  mine: Uint8Array;
  /** What of `mine` the server is known to have, where only the rest may be new to it. */
  logged?: Uint8Array;
}

/** A change that is not known to be in the file. A snapshot has it that was taken after both of these. */
interface Row {
  update: Uint8Array;
  /** Is there something in it that was made here? */
  own: boolean;
  /** So many changes had come from the server. */
  arrived: number;
  /** So many document frames had reached the server on this socket. Infinity: not sent on it. */
  frame: number;
}

/**
 * Knows which part of a document is in the file: the *base*, and what came since.
 *
 * A second document follows the first up to the last snapshot that the server took to the file. It never runs ahead:
 * a change counts as filed only if the snapshot surely has it. Pure.
 */
export class Holding {
  private _shadow = new Y.Doc();
  private _known = false;
  private _base: Uint8Array | null = null;
  private _rows: Row[] = [];
  private _arrived = 0;
  /** Snapshots under way, by number, and what they have. */
  private _snapshots = new Map<number, { arrived: number; received: number }>();

  /** @param _doc what is followed; a change is told here after the document has it */
  constructor(private _doc: Y.Doc) {}

  /** Is it known what is in the file? */
  get known(): boolean {
    return this._known;
  }

  /** Is everything known to be in the file? */
  get filed(): boolean {
    return this._rows.length === 0;
  }

  /** What to hand in. */
  held(): Held {
    this._base ??= this._known ? Y.encodeStateAsUpdate(this._shadow) : new Uint8Array();
    return { base: this._base, mine: this._mine };
  }

  /** The same for a server that has what came from it, and the first `logged` frames of this socket. */
  heldOnTop(logged: number): Held {
    const has = (row: Row) => !row.own || row.frame <= logged;
    return { ...this.held(), logged: Y.mergeUpdates(this._rows.filter(has).map(row => row.update)) };
  }

  /** A change came from the server. */
  came(update: Uint8Array): void {
    this._arrived += 1;
    this._add({ update, own: false, arrived: this._arrived, frame: 0 });
  }

  /** A change was made here. */
  made(update: Uint8Array): void {
    this._add({ update, own: true, arrived: 0, frame: Infinity });
  }

  /** This frame of this socket, from 1, carries every change made here and not sent before. */
  sent(frame: number): void {
    for (const row of this._rows) {
      if (row.frame === Infinity) {
        row.frame = frame;
      }
    }
  }

  /** A new socket: the server may have died in between and lack anything, until it has our first frame. */
  reconnected(): void {
    this._snapshots.clear();
    this._rows = this._rows.map(({ update, own }) => ({ update, own, arrived: 0, frame: Infinity }));
  }

  /** The server took a snapshot, with the first `received` frames of this socket. */
  saving(save: number, received: number): void {
    this._snapshots.set(save, { arrived: this._arrived, received });
  }

  /** That snapshot is in the file. */
  saved(save: number): void {
    const snapshot = this._snapshots.get(save);
    if (!snapshot) {
      return;
    }
    for (const number of this._snapshots.keys()) {
      if (number <= save) {
        this._snapshots.delete(number);
      }
    }
    const isIn = (row: Row) => row.arrived <= snapshot.arrived && row.frame <= snapshot.received;
    if (!this._known && !(this._rows.length && isIn(this._rows[0]))) {
      return; // without the document as it was opened, the rest is no document
    }
    this._advance(this._rows.filter(isIn).map(row => row.update));
    this._rows = this._rows.filter(row => !isIn(row));
  }

  /**
   * What was handed in has been carried over to another history: from here on, only what comes on top is new.
   *
   * The rows stay. Those that the base has by now change nothing when they are handed in again.
   */
  carried({ mine }: Held): void {
    this._advance([mine]);
  }

  private get _mine(): Uint8Array {
    return Y.mergeUpdates(this._rows.map(row => row.update));
  }

  private _advance(updates: Uint8Array[]): void {
    Y.transact(this._shadow, () => updates.forEach(update => Y.applyUpdate(this._shadow, update)));
    this._known = true;
    this._base = null;
  }

  private _add(row: Row): void {
    this._rows.push(row);
    if (this._rows.length > MANY) {
      // The difference of two documents has no text that was deleted meanwhile, so hours without a save stay bounded.
      this._rows = [
        {
          update: Y.encodeStateAsUpdate(this._doc, Y.encodeStateVector(this._shadow)),
          own: this._rows.some(row => row.own),
          arrived: this._arrived,
          frame: Math.max(...this._rows.map(row => row.frame))
        }
      ];
    }
  }
}
