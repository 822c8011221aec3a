import type { IDocumentProviderFactory } from '@jupyter/docprovider';
import { UUID } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import { patiently } from './backoff';
import { isRefusal } from './closing';
import { Conversation, type Options } from './conversation';
import { LiveError } from './errors';
import { handIn, type HandedIn } from './history';
import type { Held } from './holding';
import { openKeep, type Whose } from './keep';
import { keepMeanwhile } from './leftovers';
import { inherit, open, type Opener } from './opening';
import { openFork, openSession, roomName, type Session } from './session';
import { Succession } from './succession';

type Provider = ReturnType<IDocumentProviderFactory['create']>;

/**
 * Keeps one document in step with the server.
 *
 * Changes made while cut off stay in the document; the first exchange of a new connection carries them over. Where the
 * server has another history, or none, they are handed in, and the document goes on in the one that it names.
 */
export class LiveProvider extends Conversation implements Provider {
  private _disposed = false;
  private _isFork = false;
  /** In which room each history is that this page had or has: what is held of one is handed in there. */
  private _rooms = new Map<string, string>();
  /** Sends what other tabs leave behind, until aborted. */
  private _inheriting = new AbortController();
  private _opener: Opener = {
    brought: what => this._broughtIn.emit(what),
    left: (entry, error) => this._left.emit({ entry, error }),
    refused: new Set()
  };

  constructor(options: Options) {
    super(options);
    void this._link.persist(() => this._open());
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    this._inheriting.abort();
    this._ledger.dispose();
    this._exchange.dispose();
    this._presence.dispose();
    this._link.dispose();
    this._saves.abandon();
    this._ready.reject(new LiveError('disconnected', 'The document was closed.', true));
    this._changed.emit();
    Signal.clearData(this);
  }

  /**
   * Have the file written now; resolves when it holds every change made here so far.
   *
   * @throws LiveError with the server's reason, `disconnected`, or `no_answer`
   */
  save(): Promise<void> {
    return this._saves.request(frame => this._phase === 'live' && this._link.send(frame));
  }

  get isFork(): boolean {
    return this._isFork;
  }

  /**
   * Connect now rather than after the pause; from a fork go back to the document.
   *
   * @throws LiveError where there is no answer, or the document cannot be opened: the fork stays then
   */
  async reconnect(): Promise<void> {
    if (this._isFork) {
      await this._change(await this._sessionOfDocument(), false);
    } else {
      this._link.hurry();
    }
  }

  /**
   * Show a fork in place of the document, until `reconnect` or the end of the fork.
   *
   * What is typed from now on is the fork's. Resolves when the fork is on its way here. Packages bring the session of the
   * document along, or that of when the fork was made: the server knows better.
   *
   * @throws LiveError where there is no answer, or no such fork: the document stays then
   */
  async connectToForkDoc(forkRoomId: string, _sessionId?: string): Promise<void> {
    await this.ready;
    await this._change(await openFork(forkRoomId, this._session!, this._settings), true);
  }

  /** Go over to another document of the same file. */
  private async _change(session: Session, toFork: boolean): Promise<void> {
    await this._link.persist(async () => {
      // All that was typed here so far is this document's, not the other one's.
      this.progress.unconfirmed ? await this._succession!.handOver() : this._succession!.confirmed();
      this._isFork = toFork;
      this._cut();
      this._link.connect(this._goOnWith(session));
    });
  }

  protected _forkEnded(): boolean {
    // What the server has not got stays here, where it can be copied from.
    if (!this._isFork || this.progress.unconfirmed) {
      return false;
    }
    this._isFork = false;
    this._succession!.giveUp();
    this._broughtIn.emit({ from: 'fork', changed: 1, conflicts: [], copy: null });
    return true;
  }

  private async _open(): Promise<void> {
    const [keep, path, format, type] = [await openKeep(), this.path, this.format, this.contentType];
    const session = await open({ path, format, type }, keep, this._settings, this._opener);
    if (this._disposed) {
      return;
    }
    const succession = new Succession(this.model.ydoc, this._ledger, this._exchange, session.sessionId, {
      isWriter: () => this._role === 'writer',
      holdsMore: () => this._holdsMore,
      handIn: (epoch, held) => this._handIn(epoch, held),
      persist: step => this._link.persist(step),
      ask: () => this._link.send(this._question()),
      replace: work => this._replace(work),
      renamed: () => this._presence.rename(),
      brought: what => this._broughtIn.emit(what)
    });
    this._succession = succession;
    this._goOnWith(session);
    this._link.connect(session);
    if (keep) {
      this._ledger.keepIn(keep, () => this._whose, () => this._changed.emit());
    }
  }

  private get _whose(): Whose {
    const [{ baseUrl: server }, { epoch }] = [this._settings, this._succession!];
    return { server, room: this._roomOf(epoch), epoch, path: this.path, format: this.format, type: this.contentType };
  }

  protected _stands(): void {
    this._inheriting.abort();
    const { signal } = (this._inheriting = new AbortController());
    const send = async () => {
      const keep = await openKeep();
      keep && (await inherit(this._session!, keep, this._settings, this._opener, signal));
    };
    // It stays in the browser, for the next time.
    const failed = (error: unknown) =>
      signal.aborted || console.warn('jupyter-live: what a closed tab left behind could not be sent', error);
    send().catch(failed);
  }

  private _goOnWith(session: Session): Session {
    this._session = session;
    this._rooms.set(session.sessionId, roomName(session));
    this._succession!.goOnWith(session.sessionId);
    return session;
  }

  private get _holdsMore(): boolean {
    return this._role === 'writer' && this._ledger.holdsMore;
  }

  private _handIn(epoch: string, held: Held): Promise<HandedIn> {
    return handIn(this._roomOf(epoch), epoch, held, this._settings);
  }

  private _roomOf(epoch: string): string {
    return this._rooms.get(epoch) ?? roomName(this._session!);
  }

  /** The server does not know the history: tell it what this page has, and go on with the one that it names. */
  protected async _settle(): Promise<Session> {
    if (this._complete && this._holdsMore && !this._succession!.isOver) {
      const sessionId = await this._succession!.handOver();
      // The ticket is for the history so far.
      return this._goOnWith({ ...this._session!, sessionId, relay: undefined });
    }
    return this._goOnWith(await this._askSession());
  }

  protected async _askSession(): Promise<Session> {
    return this._isFork ? openFork(this._session!.fileId, this._session!, this._settings, isRefusal) : this._sessionOfDocument();
  }

  private _sessionOfDocument(): Promise<Session> {
    return openSession(this.path, this.format, this.contentType, this._settings, isRefusal);
  }

  /** Plain sync lost what was typed into a cell that was moved meanwhile; the server carries it over. */
  protected async _handInMoved(held: Held): Promise<void> {
    const { epoch } = this._succession!;
    const send = () => patiently(() => this._handIn(epoch, held));
    const entry = { ...this._whose, id: UUID.uuid4(), time: Date.now(), base: held.base, logged: held.logged };
    try {
      const keep = await openKeep();
      const answer = await (keep ? keepMeanwhile(keep, entry, held.mine, send) : send());
      if (answer.conflicts.length) {
        this._broughtIn.emit({ ...answer, from: 'moved' });
      }
    } catch (error) {
      this._refused.emit(error as LiveError);
    }
  }
}
