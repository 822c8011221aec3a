import { PromiseDelegate } from '@lumino/coreutils';

import { LiveError } from './errors';
import { save, type SaveReply } from './protocol';

/** The requests to write the file that the server has not answered yet. */
export class SaveRequests {
  private _waiting = new Map<number, PromiseDelegate<void>>();
  private _last = 0;

  /**
   * Ask for the file to be written.
   *
   * @param send carries a frame to the server; false where there is no connection
   * @throws LiveError with the server's reason, or `disconnected`
   */
  request(send: (frame: Uint8Array) => boolean): Promise<void> {
    const id = ++this._last;
    const answer = new PromiseDelegate<void>();
    if (send(save(id))) {
      this._waiting.set(id, answer);
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
}

function disconnected(): LiveError {
  return new LiveError(
    'disconnected',
    'There is no connection to the server. Your changes are kept in this page and are saved when it is back.',
    false
  );
}
