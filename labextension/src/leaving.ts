import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { DocumentWidget } from '@jupyterlab/docregistry';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';

import type { LiveProvider } from './provider';
import { ILiveDocuments } from './tokens';

/** Milliseconds in which changes are usually confirmed: nobody is asked before. */
const USUAL = 1_000;

/** Resolves to true when it is so, to false when that takes longer than `within` milliseconds. */
function until(provider: LiveProvider, isSo: () => boolean, within = Infinity): Promise<boolean> {
  return new Promise(resolve => {
    const settle = (result: boolean) => {
      provider.changed.disconnect(look);
      clearTimeout(timer);
      resolve(result);
    };
    const look = () => isSo() && settle(true);
    const timer = within < Infinity ? setTimeout(() => settle(isSo()), within) : undefined;
    provider.changed.connect(look);
    look();
  });
}

/** Asks before the tab of a document with unconfirmed changes closes. */
class Door {
  private _busy = false;
  /** Counts what the person decided: only the latest holds. */
  private _decision = 0;
  private _open = false;

  constructor(
    private _widget: DocumentWidget,
    private _provider: LiveProvider,
    private _trans: TranslationBundle
  ) {
    MessageLoop.installMessageHook(_widget, (_, message) => message.type !== 'close-request' || this._pass());
  }

  private get _confirmed(): boolean {
    return this._provider.progress.unconfirmed === 0;
  }

  /** Is core going to ask whether to save what the server saves anyway? */
  private get _coreWouldAsk(): boolean {
    const { phase, role, model } = this._provider;
    const autosave = model.awareness.getLocalState()?.autosave !== false;
    return phase === 'live' && role === 'writer' && autosave && this._widget.context.model.dirty;
  }

  private _pass(): boolean {
    if (this._open || (this._confirmed && !this._coreWouldAsk)) {
      return true;
    }
    if (this._confirmed && this._provider.isFork) {
      // Core would ask whether to save, and a fork has no file: it stays as it is.
      this._widget.dispose();
      return false;
    }
    if (!this._busy) {
      this._busy = true;
      void this._seeOff().finally(() => (this._busy = false));
    }
    return false;
  }

  private async _seeOff(): Promise<void> {
    const provider = this._provider;
    const isConfirmed = () => this._confirmed;
    if (provider.phase === 'live' && (await until(provider, isConfirmed, USUAL))) {
      return this._close();
    }
    const wait = this._trans.__('Close when they are sent');
    const { button } = await showDialog({
      title: this._trans.__('Some changes are not on the server yet'),
      body: provider.kept
        ? this._trans.__('They are kept in this browser, and sent when you open the document here again.')
        : this._trans.__('They are only in this page: if you close it now, they are lost.'),
      buttons: [
        Dialog.cancelButton(),
        Dialog.okButton({ label: wait }),
        Dialog.warnButton({ label: provider.kept ? this._trans.__('Close') : this._trans.__('Close and lose them') })
      ],
      defaultButton: 0
    });
    const decision = (this._decision += 1);
    if (button.label === wait) {
      // Who asks to close it meanwhile is asked again.
      void until(provider, () => isConfirmed() || decision !== this._decision).then(() =>
        decision === this._decision ? this._close() : undefined
      );
    } else if (button.accept) {
      // Core would now ask whether to save, which cannot be done.
      this._widget.dispose();
    }
  }

  /** All is confirmed. With the file saved too, core has nothing left to ask; where that fails it asks. */
  private async _close(): Promise<void> {
    if (this._widget.isDisposed) {
      return;
    }
    if (this._coreWouldAsk) {
      await this._provider.save().catch(() => undefined);
      await until(this._provider, () => !this._widget.isDisposed && !this._widget.context.model.dirty, USUAL);
    }
    this._open = true;
    this._widget.close();
    // If core's question is answered with "cancel", the next time is like the first.
    this._open = false;
  }
}

export const leaving: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:leaving',
  description: 'Warns before a page or document with unconfirmed changes is closed.',
  autoStart: true,
  requires: [ILiveDocuments],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, documents: ILiveDocuments, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_live');
    const providers = new Set<LiveProvider>();
    documents.added.connect((_, provider) => {
      providers.forEach(one => one.isDisposed && providers.delete(one));
      providers.add(provider);
    });
    window.addEventListener('beforeunload', event => {
      if ([...providers].some(one => !one.isDisposed && one.progress.unconfirmed > 0)) {
        event.preventDefault();
        // Older browsers look at this.
        event.returnValue = true;
      }
    });
    const createNew = (widget: DocumentWidget) => {
      const provider = documents.of(widget);
      if (provider) {
        // After the document manager has put its own hook in: the latest is asked first.
        void widget.context.ready.then(() => new Door(widget, provider, trans));
      }
    };
    for (const factory of ['Notebook', 'Editor']) {
      app.docRegistry.addWidgetExtension(factory, { createNew });
    }
  }
};
