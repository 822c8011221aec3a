import type { IDocumentProviderFactory } from '@jupyter/docprovider';
import { ServerConnection } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal, type ISignal } from '@lumino/signaling';
import * as Y from 'yjs';

import { pause } from './backoff';
import { verdict } from './closing';
import { LiveError } from './errors';
import { Presence } from './presence';
import { Progress } from './progress';
import * as protocol from './protocol';
import { applyRemote } from './remote';
import { SaveRequests } from './saves';
import { openSession, roomName, roomUrl, signedIn, type Session } from './session';
import { LiveSocket, type SocketOwner } from './socket';

/**
 * `connecting`: the document is not complete yet. `live`: complete and connected. `reconnecting`: cut off for now.
 * `stopped`: cut off for good, `problem` tells why.
 */
export type Phase = 'connecting' | 'live' | 'reconnecting' | 'stopped';

type Options = IDocumentProviderFactory.IOptions;
type Provider = ReturnType<IDocumentProviderFactory['create']>;

/**
 * Keeps one document in step with the server.
 *
 * Changes made while cut off stay in the document; the first exchange of a new connection carries them over.
 */
export class LiveProvider implements Provider, SocketOwner {
  readonly format: string;
  readonly contentType: string;
  /** The document that this keeps in step. */
  readonly model: Options['model'];
  /** What became of the changes made here. */
  readonly progress = new Progress();

  private _phase: Phase = 'connecting';
  private _role: protocol.Role = 'writer';
  private _fileState: protocol.FileState | null = null;
  private _problem: LiveError | null = null;
  private _complete = false;
  /** The server has been sent all that happened here: single changes may follow. */
  private _caughtUp = false;
  private _failedOpenings = 0;

  private _path: string;
  private _doc: Y.Doc;
  private _settings: ServerConnection.ISettings;
  private _session: Session | null = null;
  private _socket: LiveSocket | null = null;
  private _presence: Presence;
  private _saves = new SaveRequests();
  private _ready = new PromiseDelegate<void>();
  private _changed = new Signal<this, void>(this);
  private _refused = new Signal<this, LiveError>(this);
  private _disposed = false;

  constructor(options: Options) {
    this.format = options.format;
    this.contentType = options.contentType;
    this.model = options.model;
    this._path = options.path;
    this._doc = options.model.ydoc;
    this._settings = options.serverSettings ?? ServerConnection.makeSettings();
    this._presence = new Presence(options.model.awareness, options.user, states =>
      this._socket?.send(protocol.awareness(states))
    );
    this._doc.on('update', this._onUpdate);
    // Whoever opens the document hears of a failure; it is not also an unhandled one.
    this._ready.promise.catch(() => undefined);
    void this._open();
  }

  /** Resolves when the document is complete; rejects with a LiveError where it cannot be opened. */
  get ready(): Promise<void> {
    return this._ready.promise;
  }

  /** Where the document is now; a rename may have moved it. */
  get path(): string {
    return (this.model.getState('path') as string | undefined) ?? this._path;
  }

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
  get role(): protocol.Role {
    return this._role;
  }

  /** Who the server says we are; null until it said so, which servers other than ours never do. */
  get me(): protocol.LiveUser | null {
    return this._presence.me;
  }

  /** How the file fares on the server; null until it said so. */
  get fileState(): protocol.FileState | null {
    return this._fileState;
  }

  /** Emitted when any of the above changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when the server did not accept a change of ours. */
  get refused(): ISignal<this, LiveError> {
    return this._refused;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    this._doc.off('update', this._onUpdate);
    this._presence.dispose();
    this._socket?.dispose();
    this._saves.abandon();
    this._ready.reject(new LiveError('disconnected', 'The document was closed.', true));
    Signal.clearData(this);
  }

  /**
   * Have the file written now; resolves when it holds every change made here so far.
   *
   * @throws LiveError with the server's reason, `disconnected`, or `no_answer`
   */
  save(): Promise<void> {
    return this._saves.request(frame => this._phase === 'live' && !!this._socket?.send(frame));
  }

  /** Connect now rather than after the pause. */
  async reconnect(): Promise<void> {
    this._socket?.hurry();
  }

  /** @throws LiveError always: forks belong to jupyter-collaboration's own server */
  async connectToForkDoc(): Promise<void> {
    throw new LiveError('unsupported', 'This server has no forks of documents.', true);
  }

  opened(): void {
    this._failedOpenings = 0;
    this._caughtUp = false;
    this.progress.reconnected();
    this._socket?.send(this.question());
    this._presence.arrive();
  }

  question(): Uint8Array {
    return protocol.step1(Y.encodeStateVector(this._doc));
  }

  get owed(): boolean {
    return this.me !== null && this._role === 'writer' && this.progress.unconfirmed > 0;
  }

  received(data: Uint8Array): void {
    const frame = protocol.read(data);
    switch (frame?.kind) {
      case 'step1':
        this._catchUp(frame.stateVector);
        break;
      case 'update':
        applyRemote(this._doc, frame.update, this);
        if (frame.answer) {
          this._synced();
        }
        break;
      case 'awareness':
        this._presence.apply(frame.update);
        break;
      case 'query':
        this._presence.tell();
        break;
      case 'notice':
        this._hear(frame.notice);
        break;
    }
  }

  closed({ code, reason, opened }: { code: number; reason: string; opened: boolean }): boolean {
    this._presence.forgetOthers();
    this._saves.abandon();
    const problem = verdict(code, reason, this._complete);
    if (problem) {
      this._stop(problem);
      return false;
    }
    this._become(this._complete ? 'reconnecting' : 'connecting');
    this._failedOpenings = opened ? 0 : this._failedOpenings + 1;
    // A browser hides why a connection did not come about; being signed out is one reason that does not pass. The
    // server that will say so may be down for long: ask again and again, less often than it is tried to connect.
    if (!opened && this._failedOpenings % 3 === 0) {
      void this._checkLogin();
    }
    return true;
  }

  private async _open(): Promise<void> {
    for (let attempt = 0; !this._disposed; attempt += 1) {
      try {
        const session = await openSession(this._path, this.format, this.contentType, this._settings);
        if (!this._disposed) {
          this._session = session;
          this._socket = new LiveSocket(() => roomUrl(session, this._settings), this._settings.WebSocket, this);
        }
        return;
      } catch (error) {
        if (!(error instanceof LiveError) || error.final) {
          return this._stop(error as LiveError);
        }
        await new Promise(resume => setTimeout(resume, pause(attempt)));
      }
    }
  }

  private async _checkLogin(): Promise<void> {
    const isOut = !(await signedIn(this._settings));
    // Unless the world moved on during the question: connected, stopped, or closed.
    if (isOut && this._failedOpenings && this._phase !== 'stopped' && !this._disposed) {
      this._socket?.dispose();
      this._stop(new LiveError('unauthenticated', 'You are not signed in to the server any more.', true));
    }
  }

  /** Send what the server lacks. */
  private _catchUp(stateVector: Uint8Array): void {
    if (this._role === 'viewer') {
      return;
    }
    this._caughtUp = true;
    this._tell(protocol.step2(Y.encodeStateAsUpdate(this._doc, stateVector)));
  }

  private _onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this || this._role === 'viewer') {
      return;
    }
    this.progress.made();
    if (this._caughtUp) {
      this._tell(protocol.update(update));
    }
    this._changed.emit();
  };

  private _tell(frame: Uint8Array): void {
    if (this._socket?.send(frame)) {
      this.progress.sent();
    }
  }

  private _synced(): void {
    if (!this._complete) {
      this._complete = true;
      const name = roomName(this._session!);
      // Kernel-side packages find the document by this.
      if (this._role === 'writer' && this.model.getState('document_id') !== name) {
        this.model.setState('document_id', name);
      }
      this._ready.resolve();
    }
    this._become('live');
  }

  private _hear(notice: protocol.Notice): void {
    switch (notice.type) {
      case 'hello':
        this._becomeRole(notice.role);
        this._presence.me = notice.user;
        break;
      case 'ack':
        this.progress.acknowledged(notice);
        break;
      case 'state':
        this._fileState = notice;
        break;
      case 'refused':
        this._refused.emit(new LiveError(notice.code, notice.message, true));
        break;
      case 'save':
        this._saves.answered(notice);
        break;
    }
    this._changed.emit();
  }

  private _becomeRole(role: protocol.Role): void {
    const demoted = this._complete && this._role === 'writer' && role === 'viewer';
    this._role = role;
    if (demoted && this.progress.unconfirmed) {
      // Made while cut off and never to be sent, or sent just before and not confirmed.
      const sentence = 'You may not edit any more. Your last changes may be lost.';
      this._refused.emit(new LiveError('read_only', sentence, true));
    }
  }

  private _stop(problem: LiveError): void {
    this._problem = problem;
    this._become('stopped');
    this._ready.reject(problem);
  }

  private _become(phase: Phase): void {
    this._phase = phase;
    this._changed.emit();
  }
}
