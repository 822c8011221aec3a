import { LiveError } from './errors';

/** The close code of a server that has another history of the document, or none. */
export const OTHER_HISTORY = 1003;

/** The close code of a fork that was merged or deleted. */
export const FORK_ENDED = 4410;

/** The close code of a relay that is shown a ticket which is too old. */
export const TICKET_EXPIRED = 4501;

/**
 * Does a relay refuse us? Then keys or origins do not fit, which is nothing that signing in would mend: the relay only
 * knows what the Jupyter server has told it of us, so that server is asked itself. Pure.
 */
export function isRelayRefusing(code: number): boolean {
  return code === 4401 || code === 4403;
}

/**
 * What a closed socket means: `undefined` to come back after a pause, else why coming back cannot help.
 *
 * `docs/protocol.md` has the table of close codes. Pure.
 *
 * @param synced the document was complete here before
 */
export function verdict(code: number, reason: string, synced: boolean): LiveError | undefined {
  const told = parse(reason);
  if (code === 1009) {
    // The same change would be sent again after every reconnect.
    return new LiveError('message_too_big', 'A change is larger than the server accepts.', true);
  }
  // A document that cannot be opened now may open later; a person who waits for the first time wants to know.
  if ((code >= 4400 && code <= 4499) || (code === 4500 && !synced)) {
    return new LiveError(
      told.code ?? `closed_${code}`,
      told.message ?? `The server closed the document (code ${code}).`,
      true
    );
  }
  return undefined;
}

/** What the server says when it will be there in a moment. */
const PASSING = ['not_ready', 'restarting'];

/**
 * Does an HTTP error on opening a session mean that the document cannot be opened?
 *
 * A person waits for the first time and wants to know, as above. Pure.
 *
 * @param code the server's; no string where something in front of it answered, such as a proxy
 */
export function isFinalAnswer(status: number, code: unknown): boolean {
  return status < 500 || (typeof code === 'string' && !PASSING.includes(code));
}

/**
 * The same where the document is here already: the server's own trouble may pass, and so may that of a proxy or hub in
 * front of it, which answers while the server is down. Pure.
 */
export function isRefusal(status: number, code: unknown): boolean {
  return typeof code === 'string' ? status < 500 : BY_ANYBODY.includes(status);
}

/** Signed out, may not, too large: whoever says so says it again. */
const BY_ANYBODY = [401, 403, 413];

function parse(reason: string): { code?: string; message?: string } {
  try {
    return JSON.parse(reason) ?? {};
  } catch {
    // Proxies and other servers close with plain text or nothing.
    return { message: reason || undefined };
  }
}
