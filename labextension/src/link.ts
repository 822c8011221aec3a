import type { ServerConnection } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';

import { patiently, pause } from './backoff';
import { FORK_ENDED, isRelayRefusing, OTHER_HISTORY, verdict } from './closing';
import { LiveError } from './errors';
import { Renewal } from './renewal';
import { Route } from './route';
import { destination, signedIn, type Session } from './session';
import { LiveSocket, type SocketOwner } from './socket';

/** What a link asks of the document, and tells it. */
export interface LinkOwner extends Pick<SocketOwner, 'opened' | 'received' | 'question'> {
  /** Does the server owe an answer to something that was sent? */
  owed(): boolean;
  /** Has the document ever been complete here? */
  complete(): boolean;
  /** There is no connection any more. */
  cut(): void;
  /** The server has another history, or none. @returns what to go on with */
  settle(): Promise<Session>;
  /** The fork that was open is gone. @returns whether `settle` tells what to go on with instead */
  forkEnded(): boolean;
  /** Ask which document this is, and how to get to it. @throws LiveError */
  session(): Promise<Session>;
  /** It is tried to connect. */
  trying(): void;
  /** It is not tried any more. */
  ended(problem: LiveError): void;
}

/** Keeps a document linked with the server: comes back after a cut, settles which history to go on with, or gives up. */
export class Link implements SocketOwner, IDisposable {
  private _socket: LiveSocket | null = null;
  private _route = new Route();
  private _renewal: Renewal;
  private _session: Session | null = null;
  /** At the Jupyter server: a relay does not know who is signed in there. */
  private _failedOpenings = 0;
  /** Since the document was last complete. */
  private _timesTurnedAway = 0;
  private _again: ReturnType<typeof setTimeout> | undefined;
  private _disposed = false;

  constructor(
    private _settings: ServerConnection.ISettings,
    private _owner: LinkOwner
  ) {
    this._renewal = new Renewal(this._route, () => _owner.session());
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    clearTimeout(this._again);
    this._renewal.end();
    this._socket?.dispose();
  }

  /** Open the document of `session`, which may not be the one so far. */
  connect(session: Session): void {
    if (!this._disposed) {
      this._socket?.dispose();
      this._renewal.end();
      this._session = session;
      this._route.follow(session);
      const next = () => destination(session, this._route.next(), this._settings);
      this._socket = new LiveSocket(next, this._settings.WebSocket, this);
    }
  }

  /** A relay gave us this ticket, for the next time. */
  renew(ticket: string): void {
    this._route.renew(ticket);
  }

  /** Send one frame. @returns false where there is no connection: the frame is gone */
  send(frame: Uint8Array): boolean {
    return this._socket?.send(frame) ?? false;
  }

  /** Connect now rather than after the pause. */
  hurry(): void {
    this._socket?.hurry();
  }

  /** All is well: trouble from here on is new. */
  stands(): void {
    this._timesTurnedAway = 0;
  }

  /** Do something until the server answers; where it refuses, the link ends. @returns whether it was done */
  async persist(step: () => Promise<unknown>): Promise<boolean> {
    this._owner.trying();
    try {
      await patiently(step, () => this._disposed);
      return !this._disposed;
    } catch (error) {
      this._end(error as LiveError);
      return false;
    }
  }

  opened(): void {
    this._failedOpenings = 0;
    if (this._route.hasRelays && !this._route.isAtRelay) {
      this._renewal.begin(this._session!);
    }
    this._owner.opened();
  }

  received(data: Uint8Array): void {
    this._route.heard();
    this._owner.received(data);
  }

  question(): Uint8Array {
    return this._owner.question();
  }

  get owed(): boolean {
    return this._owner.owed();
  }

  closed({ code, reason, opened }: { code: number; reason: string; opened: boolean }): boolean {
    const { isAtRelay } = this._route;
    this._owner.cut();
    this._renewal.end();
    this._route.lost(code);
    if (code === OTHER_HISTORY || (code === FORK_ENDED && this._owner.forkEnded())) {
      this._settle();
      return false;
    }
    // What cannot be opened at a relay, or by us, may be at the Jupyter server.
    const isPassedOn = isAtRelay && isRelayRefusing(code);
    const problem = isPassedOn ? undefined : verdict(code, reason, this._owner.complete() || isAtRelay);
    if (problem) {
      this._end(problem);
      return false;
    }
    this._owner.trying();
    if (opened || isAtRelay) {
      return true;
    }
    this._failedOpenings += 1;
    // A browser hides why a connection did not come about; being signed out is one reason that does not pass. The
    // server that will say so may be down for long: ask again and again, less often than it is tried to connect.
    if (this._failedOpenings % 3 === 0) {
      void this._checkLogin();
    }
    return true;
  }

  private _settle(): void {
    this._owner.trying();
    const go = () => void this.persist(async () => this.connect(await this._owner.settle()));
    // At once, unless the server turns us away again and again.
    const wait = this._timesTurnedAway && pause(this._timesTurnedAway);
    this._timesTurnedAway += 1;
    this._again = setTimeout(go, wait);
  }

  private async _checkLogin(): Promise<void> {
    const isOut = !(await signedIn(this._settings));
    // Unless the world moved on during the question: connected, or over.
    if (isOut && this._failedOpenings) {
      this._end(new LiveError('unauthenticated', 'You are not signed in to the server any more.', true));
    }
  }

  private _end(problem: LiveError): void {
    if (!this._disposed) {
      this.dispose();
      this._owner.ended(problem);
    }
  }
}
