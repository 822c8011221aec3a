import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import type { LiveError } from './errors';
import type { LiveProvider } from './provider';
import { ILiveDocuments } from './tokens';

/** Tells a person what happened to one document, in at most one notification at a time. */
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
    const { phase, problem, complete, fileState } = this._provider;
    if (phase === 'stopped' && problem && complete) {
      this._show(problem.code, 'error', this._explain(problem), false);
    } else if (phase === 'live' && fileState?.code && (fileState.file === 'failed' || fileState.log === 'failed')) {
      this._show(fileState.code, 'error', fileState.message ?? fileState.code, true);
    } else if (phase === 'live' && this._shown?.passes) {
      Notification.dismiss(this._shown.id);
      this._shown = null;
    }
  }

  private _onRefused(_: LiveProvider, error: LiveError): void {
    this._show(error.code, 'warning', this._explain(error), false);
  }

  private _explain(problem: LiveError): string {
    switch (problem.code) {
      case 'unknown_session':
        return this._trans.__('It has a new history on the server. Copy what you want to keep, then reload.');
      case 'message_too_big':
        return this._trans.__('Your last change is larger than the server accepts. Reload to go on without it.');
      case 'unauthenticated':
        return this._trans.__('You are signed out. Reload to sign in again.');
      case 'read_only':
        return this._trans.__(
          'You may only look at it now. Your last changes may be lost: copy what you want to keep, then reload.'
        );
      default:
        return problem.message;
    }
  }

  private _show(about: string, type: 'error' | 'warning', sentence: string, passes: boolean): void {
    if (this._shown?.about === about) {
      return;
    }
    if (this._shown) {
      Notification.dismiss(this._shown.id);
    }
    const message = `${PathExt.basename(this._provider.path)}: ${sentence}`;
    const actions = passes ? [] : [{ label: this._trans.__('Reload'), callback: () => window.location.reload() }];
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
