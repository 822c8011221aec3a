import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';
import * as encoding from 'lib0/encoding';

import { isRefusal } from './closing';
import type { Held } from './holding';
import type { Conflict } from './protocol';
import { ask } from './session';

/** What became of a history that was handed in. All of it is durable on the server. */
export interface HandedIn {
  /** The epoch that the document has now. */
  sessionId: string;
  /**
   * `adopted`: the server had no history, and this is the document's now. `merged`: it is the document's, and was merged
   * as usual. `rebased`: the document has another one, and the changes were carried over.
   */
  outcome: 'adopted' | 'merged' | 'rebased';
  /** Cells or lines that this brought. */
  changed: number;
  conflicts: Conflict[];
  /** The file that this page's version was saved as, where nobody can tell what was changed in it. */
  copy: string | null;
}

/**
 * Give the server what this page has of a document, where plain sync cannot go on. Doing it twice does no harm.
 *
 * @param room the document's room
 * @param epoch of what is handed in
 * @throws LiveError final where the server does not take it, not final where it may later
 */
export async function handIn(
  room: string,
  epoch: string,
  held: Held,
  settings: ServerConnection.ISettings
): Promise<HandedIn> {
  const url = URLExt.join(settings.baseUrl, 'api/collaboration/history', room);
  const encoder = encoding.createEncoder();
  encoding.writeVarUint8Array(encoder, held.base);
  encoding.writeVarUint8Array(encoder, held.mine);
  if (held.logged) {
    encoding.writeVarUint8Array(encoder, held.logged);
  }
  const request = {
    method: 'PUT',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: encoding.toUint8Array(encoder) as Uint8Array<ArrayBuffer>
  };
  return (await ask(`${url}?${new URLSearchParams({ sessionId: epoch })}`, request, settings, isRefusal)) as HandedIn;
}
