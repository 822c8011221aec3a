import type { ServerConnection } from '@jupyterlab/services';

import { patiently } from './backoff';
import type { Brought } from './brought';
import type { LiveError } from './errors';
import type { Entry, Keep } from './keep';
import { sendLeftovers, type Hearer } from './leftovers';
import { abandoned } from './owners';
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
  /** Ids of those entries: `inherit` does not try them again, and tells no second time. */
  refused: Set<string>;
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
 * Hand in what other tabs of this browser leave behind of an open document when they are closed.
 *
 * Returns when no other tab keeps anything of it.
 *
 * @param signal says that nobody is there any more to do so
 */
export async function inherit(
  session: Session,
  keep: Keep,
  settings: ServerConnection.ISettings,
  opener: Opener,
  signal: AbortSignal
): Promise<void> {
  const isHere = (entry: Entry) => entry.room === roomName(session) && !opener.refused.has(entry.id);
  const kept = async () => (await keep.entries(settings.baseUrl)).filter(isHere).map(entry => entry.id);
  do {
    await patiently(() => sendLeftovers(keep, isHere, settings, hearerFor(opener)), () => signal.aborted);
  } while (!signal.aborted && (await abandoned(await kept(), signal)));
}

function hearerFor(opener: Opener): Hearer {
  return {
    sent: (_, answer) => {
      // Plain merging does not count, and a history that was carried over before brings nothing.
      const changed = answer.outcome === 'rebased' ? answer.changed : Math.max(1, answer.changed);
      opener.brought({ ...answer, changed, from: 'kept' });
    },
    failed: (entry, error) => {
      opener.refused.add(entry.id);
      opener.left(entry, error);
    }
  };
}
