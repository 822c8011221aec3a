import type { Route } from './route';
import type { Session } from './session';

/** Milliseconds within which the first question comes: whom a relay lost together do not ask together. */
export const SPREAD = 5_000;

/** Milliseconds between two questions. A ticket lasts 300 s: one may be missed. */
export const EVERY = 120_000;

/**
 * Keeps a ticket for a relay at hand while a document is connected to the Jupyter server itself.
 *
 * It is for the next time: a connection that works is not moved. Where there is no answer nothing is said.
 */
export class Renewal {
  private _session: Session | null = null;
  private _first: ReturnType<typeof setTimeout> | undefined;
  private _every: ReturnType<typeof setInterval> | undefined;

  /** @param _ask for the session as it is now */
  constructor(
    private _route: Route,
    private _ask: () => Promise<Session>
  ) {}

  /** Ask for tickets for `session`, until `end`, or until the server has no relays any more. */
  begin(session: Session): void {
    this.end();
    this._session = session;
    const renew = () => void this._renew(session).catch(() => undefined);
    this._first = setTimeout(renew, Math.random() * SPREAD);
    this._every = setInterval(renew, EVERY);
  }

  end(): void {
    this._session = null;
    clearTimeout(this._first);
    clearInterval(this._every);
  }

  private async _renew(session: Session): Promise<void> {
    const now = await this._ask();
    // The path may be another file's by now, and the file may have another history.
    if (this._session !== session || now.fileId !== session.fileId || now.sessionId !== session.sessionId) {
      return;
    }
    this._route.learn(now.relay);
    if (!now.relay) {
      this.end();
    }
  }
}
