import * as Y from 'yjs';

import { Holding, type Held } from './holding';
import type { Keep, Whose } from './keep';
import { Keeper } from './keeper';
import { Touched } from './moved';
import { Progress } from './progress';
import type { Ack, Saved, Saving } from './protocol';

/**
 * Knows of every change of one document where it is: in this page, in this browser, on the server, in the file.
 */
export class Ledger {
  /** What became of the changes made here. */
  readonly progress = new Progress();

  private _holding: Holding;
  private _touched: Touched;
  private _keeper: Keeper | null = null;
  /** So many frames of this socket are in the server's log. */
  private _logged = 0;

  constructor(private _doc: Y.Doc) {
    this._holding = new Holding(_doc);
    this._touched = new Touched(_doc);
  }

  /** Would all unconfirmed changes outlive this page? */
  get kept(): boolean {
    return this._keeper?.safe ?? false;
  }

  /** Is there anything here that another history may lack? */
  get holdsMore(): boolean {
    // Where it is not known what was in the file, it takes a change of ours to be worth it.
    return this._holding.known ? !this._holding.filed : !this.progress.saved;
  }

  /** What to hand in. */
  held(): Held {
    return this._holding.held();
  }

  /** What was held has been carried over into another history. */
  carried(held: Held): void {
    this._holding.carried(held);
  }

  /** From here on keep what is unconfirmed in this browser too. `more` is called when it is kept. */
  keepIn(keep: Keep, describe: () => Whose, more: () => void): void {
    this._keeper = new Keeper(keep, this.progress, { describe, held: () => this.held(), more });
  }

  /**
   * A change came from the server.
   *
   * @returns what was held before, if the change replaced a cell in which there are unconfirmed changes
   */
  came(update: Uint8Array): Held | null {
    const moved = this.progress.unconfirmed > 0 && this._touched.replaced() ? this._holding.heldOnTop(this._logged) : null;
    this._holding.came(update);
    this._keeper?.noted(update);
    return moved;
  }

  /** A change was made here. */
  made(update: Uint8Array, transaction: Y.Transaction): void {
    this.progress.made();
    this._touched.made(transaction);
    this._holding.made(update);
    this._keeper?.noted(update);
    this._keeper?.look();
  }

  /** A document frame left that carries every change made here so far. */
  sent(): void {
    this._holding.sent(this.progress.sent());
  }

  /** A new socket counts its frames from zero. */
  reconnected(): void {
    this._logged = 0;
    this.progress.reconnected();
    this._holding.reconnected();
  }

  /** The server says how far it has come. */
  hear(notice: Ack | Saving | Saved): void {
    switch (notice.type) {
      case 'ack':
        this._logged = notice.logged;
        this.progress.acknowledged(notice);
        if (!this.progress.unconfirmed) {
          this._touched.clear();
        }
        this._keeper?.look();
        break;
      case 'saving':
        this._holding.saving(notice.save, notice.received);
        break;
      case 'saved':
        this._holding.saved(notice.save);
        break;
    }
  }

  /**
   * Replace the history; `swap` does it.
   *
   * @param carried all that was made here is in the new one. Else it stays in this browser
   */
  turn(swap: () => void, carried: boolean): void {
    this._touched.clear();
    swap();
    if (carried) {
      this._keeper?.forget();
    } else {
      this._keeper?.leave();
      this._keeper = null;
    }
    this.restart();
  }

  /** Something came that was not told here: begin with the document as it is. */
  restart(): void {
    this._holding = new Holding(this._doc);
    this._holding.came(Y.encodeStateAsUpdate(this._doc));
    this._keeper?.restart();
  }

  /** The document is closed; what is unconfirmed stays in the browser. */
  dispose(): void {
    this._keeper?.dispose();
  }
}
