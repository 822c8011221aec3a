import { Signal, type ISignal } from '@lumino/signaling';

import type { Brought } from './brought';
import type { LiveError } from './errors';
import type { Entry } from './keep';
import type { FileState, Moment, Role } from './protocol';

/**
 * `connecting`: the document is not complete yet. `live`: complete and connected. `reconnecting`: cut off for now.
 * `stopped`: cut off for good, `problem` tells why.
 */
export type Phase = 'connecting' | 'live' | 'reconnecting' | 'stopped';

/** How a document stands with the server, for everybody who shows it or waits for it. */
export abstract class Standing {
  protected _phase: Phase = 'connecting';
  protected _problem: LiveError | null = null;
  protected _complete = false;
  protected _role: Role = 'writer';
  protected _fileState: FileState | null = null;

  protected _changed = new Signal<this, void>(this);
  protected _refused = new Signal<this, LiveError>(this);
  protected _broughtIn = new Signal<this, Brought>(this);
  protected _left = new Signal<this, { entry: Entry; error: LiveError }>(this);
  protected _momentKept = new Signal<this, Moment>(this);
  protected _swapping = new Signal<this, 'before' | 'after'>(this);

  get phase(): Phase {
    return this._phase;
  }

  /** Why the phase is `stopped`. */
  get problem(): LiveError | null {
    return this._problem;
  }

  /** Has the document ever been complete here? */
  get complete(): boolean {
    return this._complete;
  }

  /** What the server lets us do. */
  get role(): Role {
    return this._role;
  }

  /** How the file fares on the server; null until it said so. */
  get fileState(): FileState | null {
    return this._fileState;
  }

  /** Emitted when any of the above changed, or how far the changes made here have come, or when all is over. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when the server did not accept a change of ours. */
  get refused(): ISignal<this, LiveError> {
    return this._refused;
  }

  /** Emitted when changes came into the document other than by typing. */
  get broughtIn(): ISignal<this, Brought> {
    return this._broughtIn;
  }

  /** Emitted when the server does not take what a closed tab left behind. */
  get left(): ISignal<this, { entry: Entry; error: LiveError }> {
    return this._left;
  }

  /** Emitted when the server has kept one more version of the document. */
  get momentKept(): ISignal<this, Moment> {
    return this._momentKept;
  }

  /** Emitted around the moment in which the document's history, and with it every cell, is replaced. */
  get swapping(): ISignal<this, 'before' | 'after'> {
    return this._swapping;
  }

  protected _become(phase: Phase): void {
    this._phase = phase;
    this._changed.emit();
  }
}
