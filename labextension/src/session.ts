import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { isFinalAnswer } from './closing';
import { LiveError } from './errors';

/** Which document of the server a path is, and which history it has now. */
export interface Session {
  format: string;
  type: string;
  fileId: string;
  /** The id of the history (epoch). */
  sessionId: string;
}

/** Says of an HTTP error whether asking again cannot help; `code` is our server's, if it is from there. */
type IsFinal = (status: number, code: unknown) => boolean;

/**
 * Ask the server which document `path` is.
 *
 * @throws LiveError as `ask` does
 */
export async function openSession(
  path: string,
  format: string,
  type: string,
  settings: ServerConnection.ISettings,
  isFinal?: IsFinal
): Promise<Session> {
  const url = URLExt.join(settings.baseUrl, 'api/collaboration/session', encodeURIComponent(path));
  const request = { method: 'PUT', body: JSON.stringify({ format, type }) };
  return (await ask(url, request, settings, isFinal)) as Session;
}

/**
 * Ask the server something; its answer is JSON.
 *
 * @param isFinal where a person waits for the answer, by default
 * @throws LiveError final where the server says why not, not final where there was no answer or it is still starting
 */
export async function ask(
  url: string,
  request: RequestInit,
  settings: ServerConnection.ISettings,
  isFinal: IsFinal = isFinalAnswer
): Promise<unknown> {
  let response: Response;
  try {
    response = await ServerConnection.makeRequest(url, request, settings);
  } catch (error) {
    throw new LiveError('unreachable', `The server does not answer: ${(error as Error).message}`, false);
  }
  if (response.ok) {
    return response.json().catch(() => {
      throw new LiveError('unreachable', 'Something else answers in place of the server.', false);
    });
  }
  const told = await response.json().catch(() => ({}));
  throw new LiveError(
    told.code ?? `http_${response.status}`,
    told.message || `The server answered ${response.status} ${response.statusText}.`,
    isFinal(response.status, told.code)
  );
}

/** The name of the document's room; other packages know documents by it. */
export function roomName(session: Session): string {
  return `${session.format}:${session.type}:${session.fileId}`;
}

/** The address of the socket of `session`'s document. */
export function roomUrl(session: Session, settings: ServerConnection.ISettings): string {
  const query = new URLSearchParams({ sessionId: session.sessionId, live: '1' });
  if (settings.appendToken && settings.token) {
    query.set('token', settings.token);
  }
  return `${URLExt.join(settings.wsUrl, 'api/collaboration/room', roomName(session))}?${query}`;
}

/** Does the server still know us? True where it gives no answer: then that is not what is wrong. */
export async function signedIn(settings: ServerConnection.ISettings): Promise<boolean> {
  const url = URLExt.join(settings.baseUrl, 'api/me');
  try {
    const { status } = await ServerConnection.makeRequest(url, {}, settings);
    return status !== 401 && status !== 403;
  } catch {
    return true;
  }
}
