import { PromiseDelegate, UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import * as Y from 'yjs';

import type { Held } from './holding';
import type { Keep, Whose } from './keep';
import { own } from './owners';
import type { Progress } from './progress';

/** So many changes are gathered at most; more of them are written anew, as one. */
const MANY = 500;

/** Milliseconds that a change may be unconfirmed before it is kept in the browser. Most are confirmed sooner. */
const LATE = 250;

/** What a keeper has to know of a document. */
export interface Source {
  /** What an entry needs to say. */
  describe(): Whose;
  held(): Held;
  /** Called when more of it is kept. */
  more(): void;
}

/**
 * Keeps the unconfirmed changes of one document in one history in this browser, and lets go of them when confirmed.
 *
 * The first of them are written with all that is held; from then on only what is new, in batches. Nothing here ever fails
 * towards typing: where the browser keeps nothing, `safe` says so.
 */
export class Keeper implements IDisposable {
  readonly id = UUID.uuid4();

  private _timer: ReturnType<typeof setTimeout> | undefined;
  /** One thing after another. */
  private _work: Promise<void> = Promise.resolve();
  /** There may be an entry. */
  private _written = false;
  /** It is whole so far: what comes on top can be added. */
  private _begun = false;
  /** What is to be added to it. */
  private _fresh: Uint8Array[] = [];
  /** As many of the changes made here are kept. */
  private _upTo = 0;
  private _released = new PromiseDelegate<void>();
  private _disposed = false;

  constructor(
    private _keep: Keep,
    private _progress: Progress,
    private _source: Source
  ) {
    own(this.id, this._released.promise);
    window.addEventListener('pagehide', this._hurry);
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Would every unconfirmed change outlive this page? */
  get safe(): boolean {
    return !this._progress.unconfirmed || this._upTo >= this._progress.count;
  }

  /** The document has one change more, whoever made it: later ones may build on it. */
  noted(update: Uint8Array): void {
    if (this._begun) {
      this._fresh.push(update);
      if (this._fresh.length > MANY) {
        this._startAnew();
        this.look();
      }
    }
  }

  /** The document has another history, or an unknown part of it: what is to be kept is to be written anew. */
  restart(): void {
    this._startAnew();
    this._upTo = 0;
    this.look();
  }

  /** See what is to be done, now that something changed. */
  look(): void {
    if (!this._progress.unconfirmed) {
      this.forget();
    } else if (this._timer === undefined && !this.safe && !this._disposed) {
      this._timer = setTimeout(this._hurry, LATE);
    }
  }

  /** The changes are safe elsewhere. */
  forget(): void {
    this._pause();
    this._startAnew();
    if (this._written) {
      this._written = false;
      this._then(() => this._keep.remove(this.id));
    }
  }

  /** What is unconfirmed is kept, for whoever opens the document next. */
  dispose(): void {
    if (!this._disposed) {
      this._hurry();
      this.leave();
    }
  }

  /** What is kept so far stays so; there comes no more of it. */
  leave(): void {
    this._pause();
    this._disposed = true;
    window.removeEventListener('pagehide', this._hurry);
    void this._work.then(() => this._released.resolve());
  }

  private _hurry = (): void => {
    this._pause();
    if (!this._progress.unconfirmed || this.safe || this._disposed) {
      return;
    }
    if (this._begun) {
      const more = Y.mergeUpdates(this._fresh);
      const { count } = this._progress;
      this._fresh = [];
      this._then(() => this._append(more, count));
    } else {
      this._then(() => this._write());
    }
  };

  private async _append(more: Uint8Array, count: number): Promise<void> {
    if (this._begun && (await this._keep.append(this.id, more))) {
      this._reached(count);
    } else {
      await this._write();
    }
  }

  private async _write(): Promise<void> {
    const { unconfirmed, count } = this._progress;
    if (!unconfirmed) {
      return;
    }
    this._begun = this._written = true;
    this._fresh = [];
    const { base, mine } = this._source.held();
    await this._keep.begin({ ...this._source.describe(), id: this.id, time: Date.now(), base }, mine);
    this._reached(count);
  }

  private _reached(count: number): void {
    // Unless it was let go of meanwhile.
    if (this._begun) {
      this._upTo = Math.max(this._upTo, count);
      this._source.more();
    }
  }

  private _then(step: () => Promise<void>): void {
    this._work = this._work.then(step).catch(error => {
      // Most likely the quota: what is not confirmed is in this page only, and is tried again with the next change.
      console.warn('jupyter-live: changes could not be kept in this browser', error);
      this._startAnew();
    });
  }

  /** What is written next is all there is. */
  private _startAnew(): void {
    this._begun = false;
    this._fresh = [];
  }

  private _pause(): void {
    clearTimeout(this._timer);
    this._timer = undefined;
  }
}
