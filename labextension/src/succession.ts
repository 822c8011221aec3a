import * as Y from 'yjs';

import type { Brought } from './brought';
import type { HandedIn } from './history';
import type { Held } from './holding';
import type { Ledger } from './ledger';
import { asRemote } from './remote';
import { swapHistory } from './swap';

/** What a succession asks of the connection, and tells it. */
export interface SuccessionOwner {
  isWriter(): boolean;
  /** May, and need, anything be handed in? */
  holdsMore(): boolean;
  /** Hand in what is held of the history `epoch`. @throws LiveError as `handIn` does */
  handIn(epoch: string, held: Held): Promise<HandedIn>;
  /** Do something until the server answers; ends the connection where it refuses. @returns whether it was done */
  persist(step: () => Promise<unknown>): Promise<boolean>;
  /** Ask for what is missing here, once more. */
  ask(): void;
  /** `work` replaces the document's history. */
  replace(work: () => void): void;
  /** The document has another client id. */
  renamed(): void;
  /** Something is in the document that was not typed. */
  brought(what: Brought): void;
}

const nothing = (): Brought => ({ from: 'history', changed: 0, conflicts: [], copy: null });

/**
 * Brings a document from one history into another, with all that was made here.
 *
 * 1. What this page holds is handed in, and the server names the history to go on with (`handOver`).
 * 2. If that is another one it is fetched beside the document, which goes on as it is (`goOnWith`, `add`).
 * 3. When it is complete, and nothing was typed since the hand-in, it takes the old one's place (`complete`). What was
 *    typed is handed in first, until there is no more of it.
 */
export class Succession {
  /** The history that the document has here, and the one that it is to have: mostly the same. */
  private _epoch: string;
  private _target: string;
  /** That other history, as far as it has come. */
  private _next: Y.Doc | null = null;
  /** As many of the changes made here have been handed in. */
  private _handedIn = 0;
  private _handing = false;
  private _isOver = false;
  private _brought = nothing();

  /** @param origin of the changes that the document's listeners see */
  constructor(
    private _doc: Y.Doc,
    private _ledger: Ledger,
    private _origin: object,
    epoch: string,
    private _owner: SuccessionOwner
  ) {
    this._epoch = this._target = epoch;
  }

  /** The history that the document has here. */
  get epoch(): string {
    return this._epoch;
  }

  /** Is another history being fetched? */
  get underWay(): boolean {
    return this._next !== null;
  }

  /** What is here already of the history that the document is to have. */
  get stateVector(): Uint8Array {
    return Y.encodeStateVector(this._next ?? this._doc);
  }

  /** The server's history of the document is `epoch`. */
  goOnWith(epoch: string): void {
    this._target = epoch;
    this._next = epoch === this._epoch ? null : new Y.Doc();
  }

  /** The server has all that was made here so far. */
  confirmed(): void {
    this._handedIn = this._ledger.progress.count;
  }

  /** Nothing of the history here can be handed in any more, nor need be: the next one takes its place as it is. */
  giveUp(): void {
    this._isOver = true;
  }

  /** Was it given up? */
  get isOver(): boolean {
    return this._isOver;
  }

  /** More of the other history is here. */
  add(update: Uint8Array): void {
    Y.applyUpdate(this._next!, update);
  }

  /** Hand in what is held. @returns the epoch that the server goes on with */
  async handOver(): Promise<string> {
    const { count } = this._ledger.progress;
    const held = this._ledger.held();
    const answer = await this._owner.handIn(this._epoch, held);
    this._handedIn = count;
    if (answer.outcome === 'rebased') {
      // What is made from now on is to be carried over on top of this.
      this._ledger.carried(held);
      this._brought.changed += answer.changed;
      this._brought.conflicts.push(...answer.conflicts);
      this._brought.copy ??= answer.copy;
    } else if (answer.conflicts.length) {
      this._owner.brought({ ...answer, from: 'history' });
    }
    return answer.sessionId;
  }

  /** All of the other history is here that the server had when it was asked. */
  complete(): void {
    if (this._isOver || !this._owner.holdsMore() || this._handedIn === this._ledger.progress.count) {
      this._swap(this._next!);
    } else if (!this._handing) {
      // More was typed since the hand-in: first this too. The server's next answer then has it.
      this._handing = true;
      void this._owner.persist(() => this.handOver()).then(done => {
        this._handing = false;
        done && this._owner.ask();
      });
    }
  }

  private _swap(next: Y.Doc): void {
    this._owner.replace(() => {
      const swap = () => swapHistory(this._doc, next, this._origin, () => this._owner.renamed());
      this._ledger.turn(() => asRemote(swap), this._owner.isWriter());
      this._next = null;
      this._epoch = this._target;
      this._isOver = false;
    });
    this._owner.brought(this._brought);
    this._brought = nothing();
  }
}
