import type { IDocumentProviderFactory } from '@jupyter/docprovider';
import { ServerConnection } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';
import type { Signal } from '@lumino/signaling';

import { LiveError } from './errors';
import { Exchange } from './exchange';
import type { Held } from './holding';
import { Ledger } from './ledger';
import { Link } from './link';
import { Presence } from './presence';
import type { Progress } from './progress';
import * as protocol from './protocol';
import { SaveRequests } from './saves';
import { roomName, type Session } from './session';
import { Standing } from './standing';
import type { Succession } from './succession';

export type Options = IDocumentProviderFactory.IOptions;

/** Talks with the server about one document: passes on what is heard, and knows how the document stands by it. */
export abstract class Conversation extends Standing {
  readonly format: string;
  readonly contentType: string;
  /** The document that this is about. */
  readonly model: Options['model'];

  protected _settings: ServerConnection.ISettings;
  protected _session: Session | null = null;
  protected _ledger: Ledger;
  protected _link: Link;
  protected _exchange: Exchange;
  /** There before anything is heard. */
  protected _succession: Succession | null = null;
  protected _presence: Presence;
  protected _saves = new SaveRequests();
  protected _ready = new PromiseDelegate<void>();

  constructor(private _options: Options) {
    super();
    this.format = _options.format;
    this.contentType = _options.contentType;
    this.model = _options.model;
    this._settings = _options.serverSettings ?? ServerConnection.makeSettings();
    this._ledger = new Ledger(this.model.ydoc);
    const send = (frame: Uint8Array) => this._link.send(frame);
    this._exchange = new Exchange(this.model.ydoc, this._ledger, {
      send,
      isWriter: () => this._role === 'writer',
      made: () => this._changed.emit(),
      moved: held => void this._handInMoved(held)
    });
    this._presence = new Presence(this.model.awareness, _options.user, states => send(protocol.awareness(states)));
    this._link = new Link(this._settings, {
      opened: () => this._opened(),
      received: data => this._received(protocol.read(data)),
      question: () => this._question(),
      owed: () => this.me !== null && this._role === 'writer' && this.progress.unconfirmed > 0,
      complete: () => this._complete,
      cut: () => this._cut(),
      settle: () => this._settle(),
      forkEnded: () => this._forkEnded(),
      session: () => this._askSession(),
      trying: () => this._become(this._complete ? 'reconnecting' : 'connecting'),
      ended: problem => this._ended(problem)
    });
    // Whoever opens the document hears of a failure; it is not also an unhandled one.
    this._ready.promise.catch(() => undefined);
  }

  /** Resolves when the document is complete; rejects with a LiveError where it cannot be opened. */
  get ready(): Promise<void> {
    return this._ready.promise;
  }

  /** Where the document is now; a rename may have moved it. */
  get path(): string {
    return (this.model.getState('path') as string | undefined) ?? this._options.path;
  }

  /** Is a fork of the document open instead of the document itself? */
  abstract get isFork(): boolean;

  /** The document's room, by which the server knows it; null until it has told. */
  get room(): string | null {
    return this._session && roomName(this._session);
  }

  /** Where the server is. */
  get serverSettings(): ServerConnection.ISettings {
    return this._settings;
  }

  /** Who the server says we are; null until it said so, which servers other than ours never do. */
  get me(): protocol.LiveUser | null {
    return this._presence.me;
  }

  /** How much of the document is here while it is being fetched, from 0 to 1; null where that is not told. */
  get here(): number | null {
    return this._exchange.here;
  }

  /** What became of the changes made here. */
  get progress(): Progress {
    return this._ledger.progress;
  }

  /** Would all unconfirmed changes outlive this page, in this browser? */
  get kept(): boolean {
    return this._ledger.kept;
  }

  /** The server has another history, or none. @returns what to go on with */
  protected abstract _settle(): Promise<Session>;

  /** The fork that was open is gone. @returns whether to go back to its document */
  protected abstract _forkEnded(): boolean;

  /** Ask which document this is, and how to get to it. @throws LiveError as `openSession` does */
  protected abstract _askSession(): Promise<Session>;

  /** Plain sync lost what was typed into a cell that was moved meanwhile. */
  protected abstract _handInMoved(held: Held): Promise<void>;

  /** The document is in step with the server, for the first time or again. */
  protected abstract _stands(): void;

  private _opened(): void {
    this._exchange.opened();
    this._link.send(this._question());
    this._presence.arrive();
  }

  protected _question(): Uint8Array {
    return protocol.step1(this._succession!.stateVector);
  }

  private _received(frame: protocol.Frame | undefined): void {
    switch (frame?.kind) {
      case 'step1':
        this._exchange.asked(frame.stateVector);
        this._catchUp();
        break;
      case 'update':
        try {
          this._succession!.underWay
            ? this._succession!.add(frame.update)
            : this._exchange.apply(frame.update, frame.answer);
        } finally {
          // Whoever listens to the document may fail at a change; the document has it all the same.
          frame.answer ? this._synced() : this._complete || this._changed.emit();
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

  private _catchUp(): void {
    // Into another history nothing goes by itself.
    this._succession!.underWay || this._exchange.catchUp();
  }

  /** What was asked for is here: the document is complete, or the history that is to replace it. */
  private _synced(): void {
    this._succession!.underWay ? this._succession!.complete() : this._arrived();
  }

  private _arrived(): void {
    // Of another history, too, which took the place of the one here.
    this._exchange.arrived();
    if (!this._complete) {
      this._complete = true;
      this._ready.resolve();
    }
    this._link.stands();
    const name = roomName(this._session!);
    // Kernel-side packages find the document by this.
    if (this._role === 'writer' && !this.isFork && this.model.getState('document_id') !== name) {
      this.model.setState('document_id', name);
    }
    this._become('live');
    this._stands();
  }

  protected _replace(work: () => void): void {
    const before = this.path;
    this._swapping.emit('before');
    this.model.undoManager.clear();
    work();
    this._catchUp();
    this._arrived();
    this._swapping.emit('after');
    if (this.path !== before) {
      // A new history does not tell of a rename in the old one.
      const stateChange = [{ name: 'path', oldValue: before, newValue: this.path }];
      (this.model.changed as Signal<unknown, unknown>).emit({ stateChange });
    }
  }

  private _hear(notice: protocol.Notice): void {
    switch (notice.type) {
      case 'hello':
        this._becomeRole(notice.role);
        this._presence.me = notice.user;
        break;
      case 'user':
        this._presence.renamed(notice.user);
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
        this._succession!.underWay || this._ledger.hear(notice);
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
      case 'ticket':
        this._link.renew(notice.ticket);
        break;
      case 'coming':
        this._exchange.announced(notice.bytes);
        break;
      case 'moment':
        this._momentKept.emit(notice);
        break;
    }
    this._changed.emit();
  }

  private _becomeRole(role: protocol.Role): void {
    const demoted = this._complete && this._role === 'writer' && role === 'viewer';
    if (this._role === 'viewer' && role === 'writer') {
      // Of what came to a viewer nothing was noted.
      this._ledger.restart();
    }
    this._role = role;
    if (demoted && this.progress.unconfirmed) {
      // Made while cut off and never to be sent, or sent just before and not confirmed.
      const sentence = 'You may not edit any more. Your last changes may be lost.';
      this._refused.emit(new LiveError('read_only', sentence, true));
    }
  }

  protected _cut(): void {
    this._presence.forgetOthers();
    this._saves.abandon();
  }

  private _ended(problem: LiveError): void {
    this._problem = problem;
    this._become('stopped');
    this._ready.reject(problem);
  }
}
