import type { IDocumentProviderFactory } from '@jupyter/docprovider';
import { ServerConnection } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal, type ISignal } from '@lumino/signaling';
import * as Y from 'yjs';

import { patiently } from './backoff';
import { isRefusal, OTHER_HISTORY, verdict } from './closing';
import { LiveError } from './errors';
import { handIn, type HandedIn } from './history';
import type { Held } from './holding';
import { openKeep, type Entry } from './keep';
import { Ledger } from './ledger';
import { sendLeftovers } from './leftovers';
import { Presence } from './presence';
import type { Progress } from './progress';
import * as protocol from './protocol';
import { applyRemote, asRemote } from './remote';
import { SaveRequests } from './saves';
import { openSession, roomName, roomUrl, signedIn, type Session } from './session';
import { LiveSocket, type SocketOwner } from './socket';
import { swapHistory } from './swap';

/**
 * `connecting`: the document is not complete yet. `live`: complete and connected. `reconnecting`: cut off for now.
 * `stopped`: cut off for good, `problem` tells why.
 */
export type Phase = 'connecting' | 'live' | 'reconnecting' | 'stopped';

/** Changes that came into the document other than by typing. */
export interface Brought {
  /** `history`: ours, into a new history. `kept`: ours, from a closed tab. `file`: from outside. `moved`: ours, into a moved cell */
  from: 'history' | 'kept' | 'file' | 'moved';
  /** Cells or lines. */
  changed: number;
  conflicts: protocol.Conflict[];
  /** The file that this page's version was saved as, where nobody can tell what was changed in it. */
  copy: string | null;
}

type Options = IDocumentProviderFactory.IOptions;
type Provider = ReturnType<IDocumentProviderFactory['create']>;

/**
 * Keeps one document in step with the server.
 *
 * Changes made while cut off stay in the document; the first exchange of a new connection carries them over. Where the
 * server has another history, or none, they are handed in, and the document goes on in the one that it names.
 */
export class LiveProvider implements Provider, SocketOwner {
  readonly format: string;
  readonly contentType: string;
  /** The document that this keeps in step. */
  readonly model: Options['model'];

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
  /** The history that the document has here; the session may have another one for a moment. */
  private _epoch = '';
  /** That other history, as far as it has come. The document goes on as it is until it is complete. */
  private _next: Y.Doc | null = null;
  /** What the server has of it. */
  private _asked: Uint8Array | null = null;
  /** As many of the changes made here have been handed in. */
  private _handedIn = 0;
  private _handing = false;
  private _brought: Brought = { from: 'history', changed: 0, conflicts: [], copy: null };

  private _ledger: Ledger;
  private _socket: LiveSocket | null = null;
  private _presence: Presence;
  private _saves = new SaveRequests();
  private _ready = new PromiseDelegate<void>();
  private _changed = new Signal<this, void>(this);
  private _refused = new Signal<this, LiveError>(this);
  private _broughtIn = new Signal<this, Brought>(this);
  private _left = new Signal<this, { entry: Entry; error: LiveError }>(this);
  private _swapping = new Signal<this, 'before' | 'after'>(this);
  private _disposed = false;

  constructor(options: Options) {
    this.format = options.format;
    this.contentType = options.contentType;
    this.model = options.model;
    this._path = options.path;
    this._doc = options.model.ydoc;
    this._settings = options.serverSettings ?? ServerConnection.makeSettings();
    this._ledger = new Ledger(this._doc);
    this._presence = new Presence(options.model.awareness, options.user, states =>
      this._socket?.send(protocol.awareness(states))
    );
    this._doc.on('update', this._onUpdate);
    // Whoever opens the document hears of a failure; it is not also an unhandled one.
    this._ready.promise.catch(() => undefined);
    void this._begin(() => this._open());
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

  /** What became of the changes made here. */
  get progress(): Progress {
    return this._ledger.progress;
  }

  /** Would all unconfirmed changes outlive this page, in this browser? */
  get kept(): boolean {
    return this._ledger.kept;
  }

  /** Emitted when any of the above changed. */
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

  /** Emitted around the moment in which the document's history, and with it every cell, is replaced. */
  get swapping(): ISignal<this, 'before' | 'after'> {
    return this._swapping;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    this._ledger.dispose();
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
    this._asked = null;
    this._ledger.reconnected();
    this._socket?.send(this.question());
    this._presence.arrive();
  }

  question(): Uint8Array {
    return protocol.step1(Y.encodeStateVector(this._next ?? this._doc));
  }

  get owed(): boolean {
    return this.me !== null && this._role === 'writer' && this.progress.unconfirmed > 0;
  }

  received(data: Uint8Array): void {
    const frame = protocol.read(data);
    switch (frame?.kind) {
      case 'step1':
        this._asked = frame.stateVector;
        this._catchUp();
        break;
      case 'update':
        this._apply(frame.update);
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
    if (code === OTHER_HISTORY) {
      void this._begin(() => this._settle());
      return false;
    }
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

  /** Do what it takes to be connected, until the server answers. */
  private async _begin(step: () => Promise<unknown>): Promise<void> {
    this._become(this._complete ? 'reconnecting' : 'connecting');
    try {
      await patiently(step, () => this._disposed);
    } catch (error) {
      this._stop(error as LiveError);
    }
  }

  private async _open(): Promise<void> {
    const keep = await openKeep();
    const { format, contentType, _path, _settings } = this;
    if (keep) {
      const isMine = ({ path, ...entry }: Entry) => path === _path && entry.format === format && entry.type === contentType;
      await sendLeftovers(keep, isMine, _settings, {
        sent: (_, answer) => {
          // Plain merging does not count, and a history that was carried over before brings nothing.
          const changed = answer.outcome === 'rebased' ? answer.changed : Math.max(1, answer.changed);
          this._broughtIn.emit({ ...answer, changed, from: 'kept' });
        },
        failed: (entry, error) => this._left.emit({ entry, error })
      });
    }
    const session = await openSession(_path, format, contentType, _settings);
    this._epoch = session.sessionId;
    this._connect(session);
    if (keep && !this._disposed) {
      const describe = () => {
        const { _epoch: epoch, path } = this;
        return { server: _settings.baseUrl, room: roomName(this._session!), epoch, path, format, type: contentType };
      };
      this._ledger.keepIn(keep, describe, () => this._changed.emit());
    }
  }

  private _connect(session: Session): void {
    if (!this._disposed) {
      this._session = session;
      this._next = session.sessionId === this._epoch ? null : new Y.Doc();
      this._socket = new LiveSocket(() => roomUrl(session, this._settings), this._settings.WebSocket, this);
    }
  }

  /** The server does not know the history: tell it what this page has, and go on with the one that it names. */
  private async _settle(): Promise<void> {
    if (this._complete && this._holdsMore) {
      const { sessionId } = await this._handOver();
      this._connect({ ...this._session!, sessionId });
    } else {
      this._connect(await openSession(this.path, this.format, this.contentType, this._settings, isRefusal));
    }
  }

  private get _holdsMore(): boolean {
    return this._role === 'writer' && this._ledger.holdsMore;
  }

  private async _handOver(): Promise<HandedIn> {
    const { count } = this.progress;
    const held = this._ledger.held();
    const answer = await handIn(roomName(this._session!), this._epoch, held, this._settings);
    this._handedIn = count;
    if (answer.outcome === 'rebased') {
      // What is made from now on is to be carried over on top of this.
      this._ledger.carried(held);
      this._brought.changed += answer.changed;
      this._brought.conflicts.push(...answer.conflicts);
      this._brought.copy ??= answer.copy;
    } else if (answer.conflicts.length) {
      this._broughtIn.emit({ ...answer, from: 'history' });
    }
    return answer;
  }

  private async _checkLogin(): Promise<void> {
    const isOut = !(await signedIn(this._settings));
    // Unless the world moved on during the question: connected, stopped, or closed.
    if (isOut && this._failedOpenings && this._phase !== 'stopped' && !this._disposed) {
      this._stop(new LiveError('unauthenticated', 'You are not signed in to the server any more.', true));
    }
  }

  /** Send what the server lacks. */
  private _catchUp(): void {
    if (this._role === 'viewer' || this._next || !this._asked) {
      return;
    }
    this._caughtUp = true;
    this._tell(protocol.step2(Y.encodeStateAsUpdate(this._doc, this._asked)));
  }

  private _apply(update: Uint8Array): void {
    if (this._next) {
      Y.applyUpdate(this._next, update);
    } else {
      applyRemote(this._doc, update, this);
    }
  }

  private _onUpdate = (update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction): void => {
    if (this._role === 'viewer') {
      return;
    }
    if (origin === this) {
      const moved = this._ledger.came(update);
      moved && void this._handInMoved(moved);
      return;
    }
    this._ledger.made(update, transaction);
    if (this._caughtUp) {
      this._tell(protocol.update(update));
    }
    this._changed.emit();
  };

  /** Plain sync lost what was typed into a cell that was moved meanwhile; the server carries it over. */
  private async _handInMoved(held: Held): Promise<void> {
    try {
      const answer = await patiently(() => handIn(roomName(this._session!), this._epoch, held, this._settings));
      if (answer.conflicts.length) {
        this._broughtIn.emit({ ...answer, from: 'moved' });
      }
    } catch (error) {
      this._refused.emit(error as LiveError);
    }
  }

  private _tell(frame: Uint8Array): void {
    if (this._socket?.send(frame)) {
      this._ledger.sent();
    }
  }

  /** What was asked for is here: the document is complete, or the history that is to replace it. */
  private _synced(): void {
    if (!this._next) {
      this._arrived();
    } else if (!this._holdsMore || this._handedIn === this.progress.count) {
      this._swap(this._next);
    } else if (!this._handing) {
      // More was typed since the hand-in: first this too. The server's next answer then has it.
      this._handing = true;
      void this._begin(() => this._handOver()).then(() => {
        this._handing = false;
        this._socket?.send(this.question());
      });
    }
  }

  private _arrived(): void {
    if (!this._complete) {
      this._complete = true;
      this._ready.resolve();
    }
    const name = roomName(this._session!);
    // Kernel-side packages find the document by this.
    if (this._role === 'writer' && this.model.getState('document_id') !== name) {
      this.model.setState('document_id', name);
    }
    this._become('live');
  }

  private _swap(next: Y.Doc): void {
    const before = this.path;
    this._swapping.emit('before');
    this.model.undoManager.clear();
    this._ledger.turn(() => asRemote(() => swapHistory(this._doc, next, this)));
    this._next = null;
    this._epoch = this._session!.sessionId;
    this._catchUp();
    this._arrived();
    this._swapping.emit('after');
    if (this.path !== before) {
      // A new history does not tell of a rename in the old one.
      const stateChange = [{ name: 'path', oldValue: before, newValue: this.path }];
      (this.model.changed as Signal<unknown, unknown>).emit({ stateChange });
    }
    this._broughtIn.emit(this._brought);
    this._brought = { from: 'history', changed: 0, conflicts: [], copy: null };
  }

  private _hear(notice: protocol.Notice): void {
    switch (notice.type) {
      case 'hello':
        this._becomeRole(notice.role);
        this._presence.me = notice.user;
        break;
      case 'ack':
        this._ledger.hear(notice);
        break;
      case 'state':
        this._fileState = notice;
        break;
      case 'saving':
      case 'saved':
        // While another history is being fetched they are about that.
        this._next || this._ledger.hear(notice);
        break;
      case 'merged':
        this._broughtIn.emit({ from: 'file', changed: notice.changed, conflicts: notice.conflicts, copy: null });
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
    if (this._role === 'viewer' && role === 'writer') {
      // Of what came to a viewer nothing was noted.
      this._ledger.turn(() => undefined);
    }
    this._role = role;
    if (demoted && this.progress.unconfirmed) {
      // Made while cut off and never to be sent, or sent just before and not confirmed.
      const sentence = 'You may not edit any more. Your last changes may be lost.';
      this._refused.emit(new LiveError('read_only', sentence, true));
    }
  }

  private _stop(problem: LiveError): void {
    this._problem = problem;
    this._socket?.dispose();
    this._become('stopped');
    this._ready.reject(problem);
  }

  private _become(phase: Phase): void {
    this._phase = phase;
    this._changed.emit();
  }
}
