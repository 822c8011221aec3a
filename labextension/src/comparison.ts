import { Dialog } from '@jupyterlab/apputils';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { present, readMoment, type Model } from './moments';
import { Preview } from './preview';
import type { Moment } from './protocol';
import type { LiveProvider } from './provider';
import { dayOf, timeOf } from './when';

/**
 * Show what is different in a version.
 *
 * @param before the version before it, if that is kept
 * @returns whether the person wants the version back
 */
export async function comparison(
  provider: LiveProvider,
  moment: Moment,
  before: Moment | undefined,
  languages: IEditorLanguageRegistry | null,
  trans: TranslationBundle
): Promise<boolean> {
  const body = new Comparison(provider, moment, before, languages, trans);
  const isWriter = provider.role === 'writer';
  const restore = Dialog.okButton({ label: trans.__('Restore…') });
  const dialog = new Dialog({
    title: trans.__('%1, %2 %3', PathExt.basename(provider.path), dayOf(moment.at), timeOf(moment.at)),
    body,
    buttons: [Dialog.cancelButton({ label: trans.__('Close') }), ...(isWriter ? [restore] : [])],
    defaultButton: 0,
    focusNodeSelector: '.jp-LivePreview'
  });
  dialog.addClass('jp-LiveComparison');
  const { button } = await dialog.launch();
  return button.accept;
}

/** The choice of what to compare a version with, and the differences. */
class Comparison extends Widget {
  private _choice = document.createElement('select');
  private _preview: Preview;
  private _turn = 0;

  constructor(
    private _provider: LiveProvider,
    private _moment: Moment,
    private _before: Moment | undefined,
    languages: IEditorLanguageRegistry | null,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-LiveComparison-body');
    const label = document.createElement('label');
    label.textContent = `${_trans.__('Show')} `;
    this._choice.className = 'jp-mod-styled';
    this._choice.append(new Option(_trans.__('what restoring this version changes now'), 'now'));
    _before && this._choice.append(new Option(_trans.__('what was done in this version'), 'before'));
    this._choice.addEventListener('change', () => void this._show());
    label.append(this._choice);
    this._preview = new Preview(languages, _provider.path, _trans);
    this.node.append(label, this._preview.node);
    // What others do meanwhile changes what restoring would do.
    _provider.momentKept.connect(this._onKept, this);
    void this._show();
  }

  override dispose(): void {
    this._provider.momentKept.disconnect(this._onKept, this);
    this._preview.dispose();
    super.dispose();
  }

  private _onKept(): void {
    this._choice.value === 'now' && void this._show();
  }

  private async _show(): Promise<void> {
    const turn = ++this._turn;
    try {
      const after = await readMoment(this._provider, this._moment.id);
      const before: Model =
        this._choice.value === 'before' ? await readMoment(this._provider, this._before!.id) : present(this._provider);
      if (turn === this._turn && !this.isDisposed) {
        await this._preview.compare(before, after);
      }
    } catch (error) {
      this._preview.tell((error as Error).message || this._trans.__('It cannot be shown.'));
    }
  }
}
