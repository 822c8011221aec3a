import { isRelayRefusing, TICKET_EXPIRED } from './closing';
import type { Relay, Session } from './session';

/** Milliseconds for which a ticket is used after it came: it lasts 300 s from when it was made. */
export const FRESH = 280_000;

/** So many attempts in a row may come to nothing at the relay before the other way is tried. */
const TRIES = 2;

/** Milliseconds. An attempt that fails later counts as all of them: who does not even refuse is not asked twice. */
const SLOW = 2_000;

/**
 * Decides for every attempt to connect where it goes: to the relay, or to the Jupyter server's own address.
 *
 * The relay needs a fresh ticket. While it fails both ways take turns: whichever is back is found soon. Pure.
 */
export class Route {
  private _epoch = '';
  private _relay: Relay | null = null;
  private _hasRelays = false;
  private _isAtRelay = false;
  /** When the last attempt began. */
  private _began = 0;
  /** Has anything come over the present connection? */
  private _isHeard = false;
  /** Attempts at the relay that came to nothing, since it last worked. */
  private _failures = 0;

  /** @param _now milliseconds since 1970 */
  constructor(private _now = Date.now) {}

  /** Does the server send people to relays, as far as is known? */
  get hasRelays(): boolean {
    return this._hasRelays;
  }

  /** Did the last attempt go to the relay? */
  get isAtRelay(): boolean {
    return this._isAtRelay;
  }

  /** From now on it is about this session. A ticket for another history opens nothing. */
  follow({ sessionId, relay }: Session): void {
    if (sessionId !== this._epoch) {
      this._relay = null;
    }
    this._epoch = sessionId;
    if (relay) {
      this.learn(relay);
    }
  }

  /** The server names this relay for the session, or none any more. */
  learn(relay: Relay | undefined): void {
    this._relay = relay ?? null;
    this._hasRelays = relay !== undefined;
  }

  /** The relay gave us this ticket. */
  renew(ticket: string): void {
    if (this._relay) {
      this._relay = { ...this._relay, ticket, since: this._now() };
    }
  }

  /** Choose where the next attempt goes. @returns null for the Jupyter server */
  next(): Relay | null {
    const isGivenUp = this._isAtRelay && this._failures >= TRIES;
    const relay = isGivenUp || !this._isFresh ? null : this._relay;
    this._isAtRelay = relay !== null;
    this._isHeard = false;
    this._began = this._now();
    return relay;
  }

  /** Something came: who only accepts connections, and closes them again, does not work. */
  heard(): void {
    this._isHeard = true;
    if (this._isAtRelay) {
      this._failures = 0;
    }
  }

  /** The connection is gone, or did not come about. */
  lost(code: number): void {
    if (code === TICKET_EXPIRED || (this._isAtRelay && isRelayRefusing(code))) {
      this._relay = null;
    } else if (this._isAtRelay && !this._isHeard) {
      this._failures += this._now() - this._began > SLOW ? TRIES : 1;
    }
  }

  private get _isFresh(): boolean {
    return this._relay !== null && this._now() - this._relay.since < FRESH;
  }
}
