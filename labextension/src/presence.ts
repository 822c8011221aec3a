import type { User } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import {
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
  type Awareness
} from 'y-protocols/awareness';

import { forOtherEditors, fromOtherEditors } from './cursors';
import type { LiveUser } from './protocol';

/** Milliseconds to wait before each of the times that the page's own user is asked for. */
const REFRESHES = [1_000, 2_000, 4_000, 8_000];

/** Tells the others in a document that we are here, and learns who they are. */
export class Presence implements IDisposable {
  private _me: LiveUser | null = null;
  private _disposed = false;

  /** @param _send carries an awareness update to the server, or drops it where there is no connection */
  constructor(
    private _awareness: Awareness,
    private _user: User.IManager,
    private _send: (states: Uint8Array) => void
  ) {
    _awareness.on('update', this._onUpdate);
    _user.userChanged.connect(this._introduce, this);
    void _user.ready.then(() => this._introduce());
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Who the server says we are; null until it said so. */
  get me(): LiveUser | null {
    return this._me;
  }

  set me(me: LiveUser | null) {
    this._me = me;
    this._introduce();
  }

  /** We changed our name, here or in another tab. */
  renamed(me: LiveUser): void {
    this.me = me;
    void this._refreshUser(me.display_name);
  }

  /** News from the others. */
  apply(states: Uint8Array): void {
    applyAwarenessUpdate(this._awareness, fromOtherEditors(states), this);
  }

  /** Tell our state as it is. */
  tell(): void {
    this._send(forOtherEditors(encodeAwarenessUpdate(this._awareness, [this._awareness.clientID])));
  }

  /**
   * Tell our state as news: it counts as such only with a higher clock than the one the others know, and they
   * dropped our state when our last connection went.
   */
  arrive(): void {
    this._awareness.setLocalState(this._awareness.getLocalState());
  }

  /**
   * The document has another client id: be here under that one. Others know by it whose cursors are whose, and so do
   * the cursors in this page.
   */
  rename(): void {
    const state = this._awareness.getLocalState();
    this._awareness.setLocalState(null);
    const clientID = (this._awareness.clientID = this._awareness.doc.clientID);
    // The first state has clock 0, which is no news to anybody.
    this._awareness.meta.set(clientID, { clock: 0, lastUpdated: 0 });
    this._awareness.setLocalState(state);
  }

  /**
   * Without a connection nobody knows who else is here.
   *
   * Their clocks go too: the server tells the next connection at once who is here, with clocks that may be the same.
   */
  forgetOthers(): void {
    const others = [...this._awareness.meta.keys()].filter(id => id !== this._awareness.clientID);
    removeAwarenessStates(this._awareness, others, this);
    others.forEach(id => this._awareness.meta.delete(id));
  }

  dispose(): void {
    this._disposed = true;
    this._awareness.off('update', this._onUpdate);
    this._user.userChanged.disconnect(this._introduce, this);
  }

  /**
   * Have the rest of the page know the name, too: it is asked for with a cookie that may come after this notice.
   *
   * JupyterLab asks once at a time, so asking too early would also keep others from asking in time.
   */
  private async _refreshUser(name: string): Promise<void> {
    for (const pause of REFRESHES) {
      await new Promise(resolve => setTimeout(resolve, pause));
      if (this._disposed || this._me?.display_name !== name || this._user.identity?.display_name === name) {
        return;
      }
      await this._user.refreshUser().catch(() => undefined);
    }
  }

  private _introduce(): void {
    if (!this._disposed) {
      // The server's name and colour win: the others see those, whatever is claimed here.
      this._awareness.setLocalStateField('user', { ...this._user.identity, ...this._me });
    }
  }

  private _onUpdate = (changes: Record<'added' | 'updated' | 'removed', number[]>, origin: unknown): void => {
    const own = [...changes.added, ...changes.updated, ...changes.removed].includes(this._awareness.clientID);
    if (own && origin !== this) {
      this.tell();
    }
  };
}
