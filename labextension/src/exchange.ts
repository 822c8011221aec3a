import type { IDisposable } from '@lumino/disposable';
import * as Y from 'yjs';

import type { Held } from './holding';
import type { Ledger } from './ledger';
import * as protocol from './protocol';
import { applyRemote } from './remote';

/** What an exchange asks of the connection, and tells it. */
export interface ExchangeOwner {
  isWriter(): boolean;
  /** Carry a frame to the server. @returns false where there is no connection */
  send(frame: Uint8Array): boolean;
  /** A change was made here. */
  made(): void;
  /** Plain sync lost what was typed into a cell that somebody moved. `held`: what there was before. */
  moved(held: Held): void;
}

/** Exchanges changes with the server, which has the same history of the document. */
export class Exchange implements IDisposable {
  /** What the server has, as it said on this connection. */
  private _asked: Uint8Array | null = null;
  /** The server has been sent all that happened here: single changes may follow. */
  private _caughtUp = false;
  /** What came on this connection before all that was asked for was here; null after that. */
  private _arriving: Uint8Array[] | null = [];
  /** Bytes that were announced of it; 0 where there is too little to count. */
  private _coming = 0;
  private _disposed = false;

  constructor(
    private _doc: Y.Doc,
    private _ledger: Ledger,
    private _owner: ExchangeOwner
  ) {
    _doc.on('update', this._onUpdate);
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    this._doc.off('update', this._onUpdate);
  }

  /** A new connection stands. */
  opened(): void {
    this._asked = null;
    this._caughtUp = false;
    this._arriving = [];
    this._coming = 0;
    this._ledger.reconnected();
  }

  /** The server says what it has. */
  asked(stateVector: Uint8Array): void {
    this._asked = stateVector;
  }

  /** Send what the server lacks, as soon as it has said what it has. */
  catchUp(): void {
    if (this._owner.isWriter() && this._asked) {
      this._caughtUp = true;
      this._tell(protocol.step2(Y.encodeStateAsUpdate(this._doc, this._asked)));
    }
  }

  /**
   * Take what the server sent.
   *
   * A large document comes in pieces, and a cell may be in two of them: its model would never find a source that
   * comes later than the cell. So all that was asked for is taken at once.
   *
   * @param isLast of what was asked for
   */
  apply(update: Uint8Array, isLast: boolean): void {
    const updates = [...(this._arriving ?? []), update];
    if (this._arriving && !isLast) {
      this._arriving = updates;
    } else {
      this.arrived();
      applyRemote(this._doc, updates, this);
    }
  }

  /** So many bytes are on their way, of all that was asked for. */
  announced(bytes: number): void {
    this._coming = bytes;
  }

  /** How much of what was asked for is here, from 0 to 1; null where that is not told, or nothing is on its way. */
  get here(): number | null {
    if (!this._arriving || !this._coming) {
      return null;
    }
    const bytes = this._arriving.reduce((sum, update) => sum + update.length, 0);
    return Math.min(bytes / this._coming, 1);
  }

  /** All that was asked for is here. */
  arrived(): void {
    this._arriving = null;
  }

  private _onUpdate = (update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction): void => {
    if (!this._owner.isWriter()) {
      return;
    }
    if (origin === this) {
      const moved = this._ledger.came(update);
      moved && this._owner.moved(moved);
      return;
    }
    this._ledger.made(update, transaction);
    if (this._caughtUp) {
      this._tell(protocol.update(update));
    }
    this._owner.made();
  };

  private _tell(frame: Uint8Array): void {
    if (this._owner.send(frame)) {
      this._ledger.sent();
    }
  }
}
