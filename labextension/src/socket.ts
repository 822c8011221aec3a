import type { IDisposable } from '@lumino/disposable';

import { pause } from './backoff';

/** Milliseconds of silence after which the server is asked for a sign of life. */
const QUIET = 20_000;

/** The same where the server owes an answer anyway. */
const QUIET_IN_DEBT = 5_000;

/** Milliseconds to wait for an answer to that question. */
const PATIENCE = 10_000;

/** Milliseconds between two looks at the clock. */
const TICK = 2_500;

/** Where a connection goes. */
export interface Destination {
  url: string;
  /** The subprotocols to offer. */
  protocols: string[];
  /** Milliseconds until a connection that has not come about is given up. */
  patience: number;
}

/** What a socket tells, and asks, its owner. */
export interface SocketOwner {
  /** A new connection stands. */
  opened(): void;
  /** A frame came. */
  received(data: Uint8Array): void;
  /** The connection is gone, or did not come about (`opened` false). @returns whether to come back */
  closed(event: { code: number; reason: string; opened: boolean }): boolean;
  /** A frame that the server answers. */
  question(): Uint8Array;
  /** Does the server owe an answer to something that was sent? */
  readonly owed: boolean;
}

/**
 * A WebSocket that comes back: after an exponential pause, or at once when the network or the tab wakes up.
 *
 * A connection that hears nothing, not even an answer to a question, counts as cut: behind a proxy or after a
 * laptop's sleep the browser may not notice for minutes.
 */
export class LiveSocket implements IDisposable {
  private _socket: WebSocket | null = null;
  private _attempt = 0;
  private _heard = 0;
  private _patience = 0;
  private _asked: number | null = null;
  private _again: ReturnType<typeof setTimeout> | undefined;
  private _tick = setInterval(() => this._look(), TICK);
  private _disposed = false;

  /** @param _destination called for every attempt */
  constructor(
    private _destination: () => Destination,
    private _WebSocket: typeof WebSocket,
    private _owner: SocketOwner
  ) {
    window.addEventListener('online', this._wake);
    document.addEventListener('visibilitychange', this._wake);
    this._connect();
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  get isOpen(): boolean {
    return this._socket?.readyState === WebSocket.OPEN;
  }

  /** Send one frame. @returns false where there is no connection: the frame is gone */
  send(frame: Uint8Array): boolean {
    if (this.isOpen) {
      this._socket!.send(frame as Uint8Array<ArrayBuffer>);
    }
    return this.isOpen;
  }

  /** Close for good. */
  dispose(): void {
    this._disposed = true;
    clearInterval(this._tick);
    clearTimeout(this._again);
    window.removeEventListener('online', this._wake);
    document.removeEventListener('visibilitychange', this._wake);
    this._detach();
  }

  /** Connect now instead of after the pause. */
  hurry(): void {
    if (!this._socket && !this._disposed) {
      this._attempt = 0;
      this._connect();
    }
  }

  private _connect(): void {
    clearTimeout(this._again);
    const socket = this._begin();
    if (!socket) {
      return;
    }
    let opened = false;
    this._socket = socket;
    this._asked = null;
    this._heard = Date.now();
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      opened = true;
      this._heard = Date.now();
      this._owner.opened();
    };
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      this._attempt = 0;
      this._asked = null;
      this._heard = Date.now();
      this._owner.received(new Uint8Array(data));
    };
    socket.onclose = ({ code, reason }) => this._lost({ code, reason, opened });
  }

  /** @returns null where the browser does not even try, as from a page of `https:` to an address of `ws:` */
  private _begin(): WebSocket | null {
    const { url, protocols, patience } = this._destination();
    this._patience = patience;
    try {
      return new this._WebSocket(url, protocols);
    } catch (error) {
      console.warn('jupyter-live: the address of a document cannot be used', error);
      this._again = setTimeout(() => this._lost({ code: 1006, reason: '', opened: false }));
      return null;
    }
  }

  private _lost(event: { code: number; reason: string; opened: boolean }): void {
    this._detach();
    if (!this._owner.closed(event)) {
      this.dispose();
    } else if (!this._disposed) {
      this._again = setTimeout(() => this._connect(), pause(this._attempt));
      this._attempt += 1;
    }
  }

  /** Let go of the connection without waiting for its closing handshake. */
  private _detach(): void {
    const socket = this._socket;
    this._socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  private _look(): void {
    const now = Date.now();
    if (!this._socket) {
      return;
    }
    // Timers of a hidden tab run once a minute: only an unanswered question proves anything.
    const opening = !this.isOpen && now - this._heard > this._patience;
    const mute = this._asked !== null && now - this._asked > PATIENCE;
    if (opening || mute) {
      this._lost({ code: 1006, reason: '', opened: !opening });
    } else if (this.isOpen && this._asked === null && now - this._heard > (this._owner.owed ? QUIET_IN_DEBT : QUIET)) {
      this._ask();
    }
  }

  private _ask(): void {
    this._asked = Date.now();
    this.send(this._owner.question());
  }

  private _wake = (): void => {
    if (document.visibilityState !== 'visible') {
      return;
    }
    this.hurry();
    if (this.isOpen && this._asked === null && Date.now() - this._heard > TICK) {
      this._ask();
    }
  };
}
