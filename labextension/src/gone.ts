import { Dialog, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

/**
 * What people see while their temporary server is taken for gone: one dialog, and once that is closed its offer behind
 * the bell. Disposed when the server answers after all.
 *
 * Not a toast: core fetches what shows those from the server, which a page does not have that was reloaded and showed none
 * since; and dialogs cover it. Core has one for each request that a proxy answers with 404, and where the file browser
 * cannot list its folder it asks again at once, so that the next one comes as soon as one is closed. So they close by
 * themselves.
 */
export class Gone implements IDisposable {
  private _dialog: Dialog<void>;
  private _notice: string;
  private _isDisposed = false;

  /** @param download gives the person what is open in this page */
  constructor(download: () => void, trans: TranslationBundle) {
    const title = trans.__('This temporary server does not answer');
    const ended = trans.__('If it has ended, it does not come back, and its files are gone.');
    const label = trans.__('Download open documents');
    const otherwise = trans.__('What is open here can still be downloaded. If only the network is away, everything goes on when it is back.');
    Dialog.tracker.forEach(hush);
    Dialog.tracker.widgetAdded.connect(this._hushSoon, this);
    this._dialog = new Dialog<void>({
      title,
      body: `${ended} ${otherwise}`,
      buttons: [Dialog.cancelButton({ label: trans.__('Close') }), Dialog.okButton({ label })]
    });
    void this._dialog.launch().then(({ button }) => button.accept && download());
    const callback = (event: MouseEvent) => {
      event.preventDefault(); // the offer stays
      download();
    };
    this._notice = Notification.error(`${title}. ${ended}`, { autoClose: 0, actions: [{ label, callback }] });
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    Dialog.tracker.widgetAdded.disconnect(this._hushSoon, this);
    this._dialog.reject();
    Notification.dismiss(this._notice);
  }

  /** Told while it is made; it can be closed when it was launched, and is then never seen. */
  private _hushSoon(_: unknown, dialog: Dialog<unknown>): void {
    queueMicrotask(() => hush(dialog));
  }
}

/** Close a dialog that is no more than a sentence and a button to close it, as core's are when something failed. */
function hush(dialog: Dialog<unknown>): void {
  const isSentence = dialog.node.querySelector('.jp-Dialog-content-small') !== null;
  const buttons = dialog.node.querySelectorAll('.jp-Dialog-button');
  if (isSentence && buttons.length === 1 && buttons[0].classList.contains('jp-mod-reject')) {
    dialog.reject();
  }
}
