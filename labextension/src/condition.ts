import type { TranslationBundle } from '@jupyterlab/translation';

import type { LiveProvider } from './provider';

/** What a person can do about it. `save` writes the file, `download` makes a copy on their own computer. */
export type Way = 'save' | 'download' | 'reload';

/** How a document fares, in words. */
export interface Condition {
  /** A few words. */
  label: string;
  /** A sentence or two: what it means for the person. */
  detail: string;
  /** `trouble` is worth interrupting somebody for, `hint` is worth knowing; `busy` passes by itself. */
  tone: 'fine' | 'busy' | 'hint' | 'trouble';
  /** What a screen reader says when it changes, if that is not the label of a trouble, and not nothing. */
  aloud?: string;
  /** Ways out, the best first. */
  ways: Way[];
}

/** Put into words how the document of `provider` fares. */
export function condition(provider: LiveProvider, trans: TranslationBundle): Condition {
  const told = apartFromOthers(provider, trans);
  const { phase, fileState } = provider;
  return phase === 'live' && fileState?.code === 'layer_failed' ? withLateOthers(told, trans) : told;
}

/** People elsewhere are seen late: that goes along with how the document fares here. */
function withLateOthers(told: Condition, trans: TranslationBundle): Condition {
  const late = trans.__('others are seen late');
  const why = trans.__('Changes that others make come a second late, and their cursors stand still. This passes by itself.');
  return {
    ...told,
    label: `${told.label}; ${late}`,
    detail: `${told.detail} ${why}`,
    tone: told.tone === 'fine' ? 'hint' : told.tone,
    aloud: trans.__('Others are seen late.')
  };
}

function apartFromOthers(provider: LiveProvider, trans: TranslationBundle): Condition {
  const { phase, role, me, progress, fileState } = provider;
  const waiting = progress.unconfirmed;
  if (phase === 'stopped' || phase === 'reconnecting') {
    return cutOff(provider, trans);
  }
  if (phase === 'connecting') {
    return { label: fetching(provider, trans), detail: trans.__('The document is being fetched.'), tone: 'busy', ways: [] };
  }
  if (role === 'viewer') {
    return { label: trans.__('View only'), detail: trans.__('You see changes as they happen.'), tone: 'fine', ways: [] };
  }
  if (fileState?.code === 'file_behind' && fileState.log === 'ok') {
    return behind(provider, trans);
  }
  if (fileState?.log === 'failed' || fileState?.file === 'failed') {
    return failing(provider, trans);
  }
  if (me === null) {
    const detail = trans.__('This server does not tell what it saved.');
    return { label: trans.__('Connected'), detail, tone: 'fine', ways: [] };
  }
  if (waiting) {
    return { label: trans.__('Saving…'), detail: trans.__('Your changes are on their way.'), tone: 'busy', ways: [] };
  }
  if (fileState?.file === 'none') {
    const detail = trans.__('All changes are in the log of the server. They are not in the file: they get there when the fork is merged.');
    return { label: trans.__('Fork, kept in the log'), detail, tone: 'fine', ways: ['download'] };
  }
  if (progress.saved && fileState?.file !== 'unsaved') {
    const detail = trans.__("Everyone's changes are in the file.");
    return { label: trans.__('All changes saved'), detail, tone: 'fine', ways: [] };
  }
  return {
    label: trans.__('In the log, not yet in the file'),
    detail: trans.__("The server has all changes in its log, where they outlive it. They are not in the file yet."),
    tone: 'busy',
    ways: ['save']
  };
}

function fetching({ here }: LiveProvider, trans: TranslationBundle): string {
  return here === null ? trans.__('Connecting…') : trans.__('Opening… %1 %', Math.round(100 * here));
}

function cutOff({ phase, role, problem, progress, kept, complete }: LiveProvider, trans: TranslationBundle): Condition {
  const waiting = progress.unconfirmed;
  const forGood = phase === 'stopped';
  const offline = forGood ? trans.__('Not connected') : trans.__('Offline');
  const why = forGood ? (problem?.message ?? '') : trans.__('The connection was cut; it is tried again all the time.');
  const ways: Way[] = forGood ? (complete ? ['download', 'reload'] : ['reload']) : ['download'];
  const more = { tone: 'trouble', ways } as const;
  if (!waiting) {
    const then = forGood ? trans.__('All your changes are on the server.') : trans.__('You can go on working.');
    const isOwn = role === 'writer' && complete;
    return { label: offline, detail: isOwn ? `${why} ${then}` : why, ...more };
  }
  if (kept) {
    return {
      label: trans._n('%2, %1 change kept in this browser', '%2, %1 changes kept in this browser', waiting, offline),
      detail: `${why} ${trans.__('Your changes are kept in this browser, also when you close this page. They are sent when you open the document here again.')}`,
      ...more
    };
  }
  return {
    label: trans._n('%2, %1 change only in this page', '%2, %1 changes only in this page', waiting, offline),
    detail: `${why} ${trans.__('Your changes are only in this page: keep it open.')}`,
    ...more
  };
}

/** The log has what the file has not: nothing is in danger, but who opens the file elsewhere sees it old. */
function behind({ progress }: LiveProvider, trans: TranslationBundle): Condition {
  const label = progress.unconfirmed ? trans.__('The file is behind; saving…') : trans.__('The file is behind; changes are safe');
  const why = trans.__('The server that saves this file does not answer. You can go on working together: changes go to the log, where they are safe.');
  const then = trans.__('They get into the file when that server is back.');
  const aloud = trans.__('The file is behind. Changes are safe in the log.');
  return { label, detail: `${why} ${then}`, tone: 'hint', ways: ['download'], aloud };
}

function failing({ progress, fileState }: LiveProvider, trans: TranslationBundle): Condition {
  const { file, log, code, message } = fileState!;
  const reason = message ?? code ?? '';
  const safe =
    log === 'ok' && !progress.unconfirmed
      ? trans.__("Changes are kept in the server's log, but are not in the file yet.")
      : trans.__('Changes are shared, but not safe yet: keep this page open.');
  const label = file === 'failed' ? trans.__('Cannot save: %1', reason) : trans.__('Cannot log: %1', reason);
  const told = { label, tone: 'trouble' as const };
  if (file === 'failed' && code === 'file_missing') {
    return { ...told, detail: `${safe} ${trans.__('Save writes the file again.')}`, ways: ['save', 'download'] };
  }
  if (file === 'failed' && code === 'file_unreadable') {
    const way = trans.__('Save sets the broken file aside and writes this document in its place.');
    return { ...told, detail: `${safe} ${way}`, ways: ['save', 'download'] };
  }
  const inFile = file === 'saved' && log === 'failed' && progress.saved ? trans.__('What is here is in the file.') : safe;
  return { ...told, detail: `${inFile} ${trans.__('The server tries again by itself.')}`, ways: ['download'] };
}
