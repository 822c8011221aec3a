import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import type { Way } from './condition';
import type { LiveError } from './errors';
import type { FileState } from './protocol';
import type { LiveProvider } from './provider';
import { ILiveDocuments } from './tokens';
import { nameOf, take } from './ways';

/** What passes by itself, and endangers nothing, is told in the status bar only. */
const isSafe = ({ code, log }: FileState): boolean => code === 'file_behind' && log === 'ok';

/** Tells a person what is wrong with one document, in at most one notification at a time. */
class Notices {
  /** `passes`: what it tells ends by itself, and then so does it. */
  private _shown: { id: string; about: string; passes: boolean } | null = null;

  constructor(
    private _provider: LiveProvider,
    private _trans: TranslationBundle
  ) {
    _provider.changed.connect(this._look, this);
    _provider.refused.connect(this._onRefused, this);
  }

  private _look(): void {
    const { phase, problem, complete, fileState, isDisposed } = this._provider;
    if (isDisposed) {
      // What a notice offers to do about a closed document cannot be done.
      this._shown?.passes && Notification.dismiss(this._shown.id);
    } else if (phase === 'stopped' && problem && complete) {
      const sentence = `${this._explain(problem)} ${this._whereChangesAre()}`.trim();
      this._show(problem.code, 'error', sentence, false, ['download', 'reload']);
    } else if (phase === 'live' && fileState?.code && !isSafe(fileState) && (fileState.file === 'failed' || fileState.log === 'failed')) {
      const ways: Way[] = ['file_missing', 'file_unreadable'].includes(fileState.code) ? ['save'] : [];
      const sentence =
        fileState.code === 'file_missing'
          ? this._trans.__('It was deleted. Save writes it again.')
          : (fileState.message ?? fileState.code);
      this._show(fileState.code, 'error', sentence, true, ways);
    } else if (phase === 'live' && this._shown?.passes) {
      Notification.dismiss(this._shown.id);
      this._shown = null;
    }
  }

  private _onRefused(_: LiveProvider, error: LiveError): void {
    this._show(error.code, 'warning', this._explain(error), false, ['download', 'reload']);
  }

  private _explain(problem: LiveError): string {
    switch (problem.code) {
      case 'message_too_big':
        return this._trans.__('Your last change is larger than the server accepts.');
      case 'unauthenticated':
        return this._trans.__('You are signed out. Reload to sign in again.');
      case 'read_only':
        return this._trans.__('You may only look at it now, and your last changes were not taken.');
      default:
        return problem.message;
    }
  }

  private _whereChangesAre(): string {
    const { progress, kept } = this._provider;
    if (!progress.unconfirmed) {
      return '';
    }
    return kept
      ? this._trans.__('Your last changes are kept in this browser.')
      : this._trans.__('Your last changes are only in this page.');
  }

  private _show(about: string, type: 'error' | 'warning', sentence: string, passes: boolean, ways: Way[]): void {
    if (this._shown?.about === about) {
      return;
    }
    if (this._shown) {
      Notification.dismiss(this._shown.id);
    }
    const message = `${PathExt.basename(this._provider.path)}: ${sentence}`;
    const actions = ways.map(way => ({
      label: nameOf(way, this._trans),
      callback: () => take(way, this._provider)
    }));
    this._shown = { id: Notification.emit(message, type, { autoClose: false, actions }), about, passes };
  }
}

export const notices: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:notices',
  description: 'Tells what happened when a document cannot be saved or is cut off for good.',
  autoStart: true,
  requires: [ILiveDocuments],
  optional: [ITranslator],
  activate: (_app, documents: ILiveDocuments, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_live');
    documents.added.connect((_, provider) => new Notices(provider, trans));
  }
};
