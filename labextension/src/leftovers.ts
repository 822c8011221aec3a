import type { ServerConnection } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';

import { LiveError } from './errors';
import { handIn, type HandedIn } from './history';
import type { Entry, Keep } from './keep';
import { claim, own } from './owners';

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
  const held = await keep.held(entry);
  if (!held) {
    return;
  }
  try {
    const answer = await handIn(entry.room, entry.epoch, held, settings);
    hearer.sent(entry, answer);
    await keep.remove(entry.id);
  } catch (error) {
    if (!(error instanceof LiveError) || !error.final) {
      throw error;
    }
    hearer.failed(entry, error);
  }
}

/**
 * Do `work`, which hands something in. Should this page go away before it is done, it is left behind as `entry`.
 *
 * @throws what `work` throws; the entry stays then
 */
export async function keepMeanwhile<T>(keep: Keep, entry: Entry, mine: Uint8Array, work: () => Promise<T>): Promise<T> {
  const over = new PromiseDelegate<void>();
  own(entry.id, over.promise);
  const attempt = (step: Promise<void>) =>
    step.catch(error => console.warn('jupyter-live: changes could not be kept in this browser', error));
  try {
    const kept = attempt(keep.begin(entry, mine));
    const result = await work();
    await kept;
    await attempt(keep.remove(entry.id));
    return result;
  } finally {
    over.resolve();
  }
}
