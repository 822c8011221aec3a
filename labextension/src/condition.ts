import type { TranslationBundle } from '@jupyterlab/translation';

import type { LiveProvider } from './provider';

/** How a document fares, in words. */
export interface Condition {
  /** A few words. */
  label: string;
  /** A sentence or two: what it means for the person. */
  detail: string;
  /** `trouble` is worth interrupting somebody for; `busy` passes by itself. */
  tone: 'fine' | 'busy' | 'trouble';
}

/** Put into words how the document of `provider` fares. */
export function condition(provider: LiveProvider, trans: TranslationBundle): Condition {
  const { phase, role, me, progress, fileState, problem } = provider;
  const waiting = progress.unconfirmed;
  if (phase === 'stopped') {
    return {
      label: trans.__('Not connected'),
      detail: trans.__('%1 What you type now is only in this page.', problem?.message ?? ''),
      tone: 'trouble'
    };
  }
  if (phase === 'connecting') {
    return { label: trans.__('Connecting…'), detail: trans.__('The document is being fetched.'), tone: 'busy' };
  }
  if (phase === 'reconnecting') {
    return {
      label: waiting
        ? trans._n('Reconnecting, %1 change not confirmed', 'Reconnecting, %1 changes not confirmed', waiting, waiting)
        : trans.__('Reconnecting…'),
      detail: trans.__('The connection was cut. You can go on working; keep this page open until it is back.'),
      tone: 'trouble'
    };
  }
  if (role === 'viewer') {
    return { label: trans.__('View only'), detail: trans.__('You see changes as they happen.'), tone: 'fine' };
  }
  if (fileState?.log === 'failed' || fileState?.file === 'failed') {
    const reason = fileState.message ?? fileState.code ?? '';
    const logged = fileState.log === 'ok' && !waiting;
    return {
      label: trans.__('Not saved: %1', reason),
      detail: logged
        ? trans.__("The server keeps trying. Changes are kept in the server's log, but are not in the file yet.")
        : trans.__('The server keeps trying. Changes are shared, but not safe yet.'),
      tone: 'trouble'
    };
  }
  if (me === null) {
    return { label: trans.__('Connected'), detail: trans.__('This server does not tell what it saved.'), tone: 'fine' };
  }
  if (progress.saved && fileState?.file !== 'unsaved') {
    return { label: trans.__('All changes saved'), detail: trans.__("Everyone's changes are in the file."), tone: 'fine' };
  }
  if (waiting) {
    return { label: trans.__('Saving…'), detail: trans.__('Your changes are on their way.'), tone: 'busy' };
  }
  return {
    label: trans.__('Saving…'),
    detail: trans.__('The server has all changes and is about to write them to the file.'),
    tone: 'busy'
  };
}
