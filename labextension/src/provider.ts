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
import { open, takeOver, type Opener } from './opening';
import { openSession, roomName, type Session } from './session';
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
  private _opener: Opener = {
    brought: what => this._broughtIn.emit(what),
    left: (entry, error) => this._left.emit({ entry, error })
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

  /** Connect now rather than after the pause. */
  async reconnect(): Promise<void> {
    this._link.hurry();
  }

  /** @throws LiveError always: forks belong to jupyter-collaboration's own server */
  async connectToForkDoc(): Promise<void> {
    throw new LiveError('unsupported', 'This server has no forks of documents.', true);
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
    const [{ baseUrl: server }, room, { epoch }] = [this._settings, roomName(this._session!), this._succession!];
    return { server, room, epoch, path: this.path, format: this.format, type: this.contentType };
  }

  protected _returned(): void {
    const send = async () => {
      const keep = await openKeep();
      keep && (await takeOver(this._session!, keep, this._settings, this._opener));
    };
    // It stays in the browser, for the next time.
    send().catch(error => console.warn('jupyter-live: what a closed tab left behind could not be sent', error));
  }

  private _goOnWith(session: Session): Session {
    this._session = session;
    this._succession!.goOnWith(session.sessionId);
    return session;
  }

  private get _holdsMore(): boolean {
    return this._role === 'writer' && this._ledger.holdsMore;
  }

  private _handIn(epoch: string, held: Held): Promise<HandedIn> {
    return handIn(roomName(this._session!), epoch, held, this._settings);
  }

  /** The server does not know the history: tell it what this page has, and go on with the one that it names. */
  protected async _settle(): Promise<Session> {
    if (this._complete && this._holdsMore) {
      const sessionId = await this._succession!.handOver();
      // The ticket is for the history so far.
      return this._goOnWith({ ...this._session!, sessionId, relay: undefined });
    }
    return this._goOnWith(await this._askSession());
  }

  protected _askSession(): Promise<Session> {
    return openSession(this.path, this.format, this.contentType, this._settings, isRefusal);
  }

  /** Plain sync lost what was typed into a cell that was moved meanwhile; the server carries it over. */
  protected async _handInMoved(held: Held): Promise<void> {
    const { epoch } = this._succession!;
    const send = () => patiently(() => this._handIn(epoch, held));
    const entry = { ...this._whose, id: UUID.uuid4(), time: Date.now(), base: held.base };
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
