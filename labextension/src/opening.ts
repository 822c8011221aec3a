import type { ServerConnection } from '@jupyterlab/services';

import type { Brought } from './brought';
import type { LiveError } from './errors';
import type { Entry, Keep } from './keep';
import { sendLeftovers, type Hearer } from './leftovers';
import { openSession, roomName, type Session } from './session';

/** What to open. */
export interface Wanted {
  path: string;
  format: string;
  type: string;
}

/** What an opening tells. */
export interface Opener {
  /** Changes that a closed tab left behind are in the document. */
  brought(what: Brought): void;
  /** The server does not take them; they stay in the browser. */
  left(entry: Entry, error: LiveError): void;
}

/**
 * Open a document on the server, after what closed tabs left behind of it has been handed in.
 *
 * That comes first because a server that lost the history can go on with one that is handed in, and else begins another.
 * Only what was left behind under another path, before a rename, is known by the document that the path is now.
 *
 * @param keep null where the browser keeps nothing
 * @throws LiveError as `openSession` does
 */
export async function open(
  { path, format, type }: Wanted,
  keep: Keep | null,
  settings: ServerConnection.ISettings,
  opener: Opener
): Promise<Session> {
  const hearer = hearerFor(opener);
  const isHere = (entry: Entry) => entry.path === path && entry.format === format && entry.type === type;
  keep && (await sendLeftovers(keep, isHere, settings, hearer));
  const session = await openSession(path, format, type, settings);
  const wasElsewhere = (entry: Entry) => entry.room === roomName(session) && !isHere(entry);
  keep && (await sendLeftovers(keep, wasElsewhere, settings, hearer));
  return session;
}

/**
 * Hand in what other tabs of this browser left behind of an open document when they were closed.
 *
 * @throws LiveError where the server did not answer
 */
export async function takeOver(
  session: Session,
  keep: Keep,
  settings: ServerConnection.ISettings,
  opener: Opener
): Promise<void> {
  await sendLeftovers(keep, entry => entry.room === roomName(session), settings, hearerFor(opener));
}

function hearerFor(opener: Opener): Hearer {
  return {
    sent: (_, answer) => {
      // Plain merging does not count, and a history that was carried over before brings nothing.
      const changed = answer.outcome === 'rebased' ? answer.changed : Math.max(1, answer.changed);
      opener.brought({ ...answer, changed, from: 'kept' });
    },
    failed: (entry, error) => opener.left(entry, error)
  };
}
