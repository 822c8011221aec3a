import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { isFinalAnswer } from './closing';
import { LiveError } from './errors';
import type { Destination } from './socket';

/** Another server, to which the people of a document should rather connect, and what lets them in there. */
export interface Relay {
  /** Its base: `wss://host[:port][/base]`. */
  url: string;
  /** Lets one person into one history of one document, for 300 s. */
  ticket: string;
  /** When the ticket came here, in milliseconds since 1970. */
  since: number;
}

/** Which document of the server a path is, and which history it has now. */
export interface Session {
  format: string;
  type: string;
  fileId: string;
  /** The id of the history (epoch). */
  sessionId: string;
  /** None where the server has no relays, or it is not known. */
  relay?: Relay;
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
  const session = (await ask(url, request, settings, isFinal)) as Session;
  return session.relay ? { ...session, relay: { ...session.relay, since: Date.now() } } : session;
}

/**
 * Ask the server for a fork of a document.
 *
 * @param of the document, whose format and type it has
 * @throws LiveError as `ask` does
 */
export async function openFork(
  forkId: string,
  { format, type }: Pick<Session, 'format' | 'type'>,
  settings: ServerConnection.ISettings,
  isFinal?: IsFinal
): Promise<Session> {
  const url = URLExt.join(settings.baseUrl, 'api/collaboration/fork', forkId);
  const { sessionId } = (await ask(url, { method: 'GET' }, settings, isFinal)) as Session;
  return { format, type, fileId: forkId, sessionId };
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

/** Where the socket of `session`'s document is opened: at `relay`, or without one at the Jupyter server. */
export function destination(
  session: Session,
  relay: Relay | null,
  settings: ServerConnection.ISettings
): Destination {
  const query = new URLSearchParams({ sessionId: session.sessionId, live: '1' });
  if (!relay && settings.appendToken && settings.token) {
    query.set('token', settings.token);
  }
  const url = URLExt.join(relay?.url ?? settings.wsUrl, 'api/collaboration/room', roomName(session));
  return { url: `${url}?${query}`, protocols: relay ? ['jupyter-live', relay.ticket] : [], patience: relay ? 5_000 : 10_000 };
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
