import { PromiseDelegate } from '@lumino/coreutils';

import { LiveError } from './errors';
import { save, type SaveReply } from './protocol';

/** Milliseconds after which a request counts as unanswered: of very many at once the server drops some. */
const PATIENCE = 60_000;

/** The requests to write the file that the server has not answered yet. */
export class SaveRequests {
  private _waiting = new Map<number, PromiseDelegate<void>>();
  private _last = 0;

  /**
   * Ask for the file to be written.
   *
   * @param send carries a frame to the server; false where there is no connection
   * @throws LiveError with the server's reason, `disconnected`, or `no_answer`
   */
  request(send: (frame: Uint8Array) => boolean): Promise<void> {
    const id = ++this._last;
    const answer = new PromiseDelegate<void>();
    if (send(save(id))) {
      this._waiting.set(id, answer);
      const bound = setTimeout(() => this._giveUp(id), PATIENCE);
      const settled = () => clearTimeout(bound);
      answer.promise.then(settled, settled);
    } else {
      answer.reject(disconnected());
    }
    return answer.promise;
  }

  /** The server answered. */
  answered({ responseTo, status, code, message }: SaveReply): void {
    const answer = this._waiting.get(responseTo);
    this._waiting.delete(responseTo);
    if (status === 'failed') {
      answer?.reject(new LiveError(code ?? 'save_failed', message ?? 'The server could not write the file.', false));
    } else {
      answer?.resolve();
    }
  }

  /** The connection is gone, and with it the answers. */
  abandon(): void {
    this._waiting.forEach(answer => answer.reject(disconnected()));
    this._waiting.clear();
  }

  private _giveUp(id: number): void {
    const sentence = 'The server did not tell whether it wrote the file. Save again.';
    this._waiting.get(id)?.reject(new LiveError('no_answer', sentence, false));
    this._waiting.delete(id);
  }
}

function disconnected(): LiveError {
  return new LiveError(
    'disconnected',
    'There is no connection to the server. Your changes are kept in this page and are saved when it is back.',
    false
  );
}
