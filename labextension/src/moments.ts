import { URLExt } from '@jupyterlab/coreutils';

import { LiveError } from './errors';
import type { Conflict, Moment } from './protocol';
import type { LiveProvider } from './provider';
import { ask } from './session';

/** What a document is or was, as Jupyter's contents API has it. */
export interface Model {
  format: 'text' | 'json' | 'base64';
  content: unknown;
}

/** What became of bringing a version back. */
export interface Restored {
  /** The version that was made of the document as it was before. */
  before: number;
  /** Cells or places that were changed. */
  changed: number;
  conflicts: Conflict[];
  /** Is it in the file? Else `message` tells why not; the server's log has it. */
  saved: boolean;
  message?: string;
}

/** The versions of a document that the server keeps, the newest first. @throws LiveError */
export async function listMoments(provider: LiveProvider): Promise<Moment[]> {
  const { moments } = (await ask(address(provider), {}, provider.serverSettings)) as { moments: Moment[] };
  return moments.reverse();
}

/** What the document was in a version. @throws LiveError */
export async function readMoment(provider: LiveProvider, id: number): Promise<Model> {
  return ((await ask(address(provider, id), {}, provider.serverSettings)) as { model: Model }).model;
}

/** Make the document what it was in a version, for everybody. @throws LiveError */
export async function restoreMoment(provider: LiveProvider, id: number): Promise<Restored> {
  return (await ask(address(provider, id), { method: 'PUT' }, provider.serverSettings)) as Restored;
}

/** What the document is on this page. */
export function present(provider: LiveProvider): Model {
  const model = provider.model as unknown as { toJSON?(): unknown; getSource?(): string };
  return model.toJSON && provider.contentType === 'notebook'
    ? { format: 'json', content: model.toJSON() }
    : { format: 'text', content: model.getSource?.() ?? '' };
}

function address(provider: LiveProvider, id?: number): string {
  if (!provider.room) {
    throw new LiveError('disconnected', 'The document is not connected yet.', false);
  }
  const more = id === undefined ? '' : `${id}`;
  return URLExt.join(provider.serverSettings.baseUrl, 'api/collaboration/moments', provider.room, more);
}
