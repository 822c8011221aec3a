import type { Ack } from './protocol';

/**
 * Counts what becomes of this person's changes: made, sent, kept by the server, in the file.
 *
 * The server acknowledges frames per socket; people count changes, across sockets. Pure.
 */
export class Progress {
  /** Changes made here since the document was opened. */
  private _count = 0;
  /** How many of them the server has in its log. */
  private _kept = 0;
  /** How many of them are in the file. */
  private _filed = 0;
  /** Per frame sent on this socket and not yet in the file: how many changes it completes. */
  private _frames: number[] = [];
  /** Frames of this socket that are in the file, and so no longer in `_frames`. */
  private _filedFrames = 0;

  /** Changes made here so far, whatever became of them. */
  get count(): number {
    return this._count;
  }

  /** Changes that would be lost if this page went away now: neither in the log nor in the file. */
  get unconfirmed(): number {
    return this._count - Math.max(this._kept, this._filed);
  }

  /** Every change that was made here is in the file. */
  get saved(): boolean {
    return this._filed === this._count;
  }

  /** A change was made here, sent or not. */
  made(): void {
    this._count += 1;
  }

  /** A frame left that carries every change made so far. @returns its number on this socket, from 1 */
  sent(): number {
    this._frames.push(this._count);
    return this._filedFrames + this._frames.length;
  }

  /** The server says how far this socket's frames have come. */
  acknowledged(ack: Ack): void {
    const at = (frames: number) => this._frames[frames - this._filedFrames - 1] ?? 0;
    this._kept = Math.max(this._kept, at(ack.logged));
    this._filed = Math.max(this._filed, at(ack.saved));
    const done = Math.max(0, ack.saved - this._filedFrames);
    this._frames.splice(0, done);
    this._filedFrames += done;
  }

  /** A new socket counts its frames from zero. */
  reconnected(): void {
    this._frames = [];
    this._filedFrames = 0;
  }
}
