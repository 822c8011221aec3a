import type { ServerConnection } from '@jupyterlab/services';

import { LiveError } from './errors';
import { handIn, type HandedIn } from './history';
import { claim, type Entry, type Keep } from './keep';

/** What becomes of changes that a closed tab left behind. */
export interface Hearer {
  /** They are in the document now. */
  sent(entry: Entry, answer: HandedIn): void;
  /** The server does not take them, and says why. They stay in the browser. */
  failed(entry: Entry, error: LiveError): void;
}

/**
 * Hand in the changes that closed tabs left behind, and let go of those that the server took.
 *
 * @param isMine which entries
 * @throws LiveError where the server did not answer: try again
 */
export async function sendLeftovers(
  keep: Keep,
  isMine: (entry: Entry) => boolean,
  settings: ServerConnection.ISettings,
  hearer: Hearer
): Promise<void> {
  try {
    for (const entry of (await keep.entries(settings.baseUrl)).filter(isMine)) {
      await claim(entry.id, () => send(keep, entry, settings, hearer));
    }
  } catch (error) {
    if (error instanceof LiveError) {
      throw error;
    }
    // The browser's own trouble is no reason not to open the document. What it keeps it goes on keeping.
    console.warn('jupyter-live: what this browser keeps could not be read', error);
  }
}

async function send(keep: Keep, entry: Entry, settings: ServerConnection.ISettings, hearer: Hearer): Promise<void> {
  try {
    const answer = await handIn(entry.room, entry.epoch, await keep.held(entry), settings);
    hearer.sent(entry, answer);
    await keep.remove(entry.id);
  } catch (error) {
    if (!(error instanceof LiveError) || !error.final) {
      throw error;
    }
    hearer.failed(entry, error);
  }
}
