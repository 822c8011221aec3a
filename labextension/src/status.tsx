import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import type { DocumentWidget } from '@jupyterlab/docregistry';
import { IStatusBar, TextItem } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import * as React from 'react';

import { condition } from './condition';
import type { LiveProvider } from './provider';
import { ILiveDocuments } from './tokens';
import { nameOf, take } from './ways';

/** In pages without a status bar, as those of Notebook 7: after the spacer (10,000), before what tells of trust (11,000). */
const MENU_RANK = 10_500;

/** Tells in the status bar how the current document fares. */
class LiveStatus extends ReactWidget {
  /** Emitted when there is a live document to tell about, or none any more. */
  readonly appeared = new Signal<this, void>(this);

  private _provider: LiveProvider | undefined;
  /** Is there a document, which is not live as the server has live editing switched off? */
  private _switchedOff = false;

  constructor(private _trans: TranslationBundle) {
    super();
    this.addClass('jp-LiveStatus');
  }

  /** Is there anything to tell? */
  get isNeeded(): boolean {
    return this._provider !== undefined || this._switchedOff;
  }

  /** Tell about this widget, with its connection if it has one. */
  follow(widget: unknown, provider: LiveProvider | undefined): void {
    this._switchedOff = !provider && isSwitchedOff() && isDocument(widget);
    this._provider?.changed.disconnect(this.update, this);
    this._provider = provider;
    provider?.changed.connect(this.update, this);
    this.appeared.emit();
    this.update();
  }

  protected override render(): JSX.Element | null {
    if (!this._provider) {
      return this._switchedOff ? <TextItem source={this._trans.__('Not live')} title={alone(this._trans)} /> : null;
    }
    const provider = this._provider;
    const { label, detail, tone, aloud } = condition(provider, this._trans);
    return (
      <>
        <button className="jp-LiveStatus-button" title={detail} data-tone={tone} onClick={() => void explain(provider, this._trans)}>
          <TextItem source={label} />
        </button>
        {/* Every keystroke passes through "Saving…": only what matters is read aloud. */}
        <span className="jp-LiveStatus-aloud" aria-live="polite">
          {aloud ?? (tone === 'trouble' ? label : '')}
        </span>
      </>
    );
  }
}

/** The server says so; `LiveApp.live`. */
const isSwitchedOff = (): boolean => PageConfig.getOption('disableRTC') === 'true';

const isDocument = (widget: unknown): boolean => (widget as Partial<DocumentWidget> | null)?.context !== undefined;

const alone = (trans: TranslationBundle): string =>
  trans.__(
    'Live editing is switched off on this server. Others see what you do here when you have saved it and they reload; who saves last wins.'
  );

/** Says it at length, with what the person can do. */
async function explain(provider: LiveProvider, trans: TranslationBundle): Promise<void> {
  const { label, detail, ways } = condition(provider, trans);
  const { button } = await showDialog({
    title: label,
    body: detail,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Close') }),
      ...ways.map((way, n) => (n ? Dialog.createButton : Dialog.okButton)({ label: nameOf(way, trans) }))
    ],
    defaultButton: ways.length ? 1 : 0
  });
  const chosen = ways.find(way => nameOf(way, trans) === button.label);
  if (chosen) {
    take(chosen, provider);
  }
}

export const status: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:status',
  description: 'Tells in the status bar, or beside the menu, whether the current document is connected and saved.',
  autoStart: true,
  requires: [ILiveDocuments],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    documents: ILiveDocuments,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ) => {
    const item = new LiveStatus((translator ?? nullTranslator).load('jupyter_live'));
    const follow = () => {
      item.follow(app.shell.currentWidget, documents.of(app.shell.currentWidget));
    };
    app.shell.currentChanged?.connect(follow);
    void app.restored.then(follow);
    // A package may put another shared model into a document that is open: JupyterCAD does when one leaves a fork.
    documents.added.connect((_, provider) => {
      follow(); // a large one takes its time
      void provider.ready.then(follow, follow);
    });
    if (!statusBar) {
      item.id = 'jupyter-live-status';
      item.addClass('jp-mod-inMenu');
      app.shell.add(item, 'menu', { rank: MENU_RANK });
      return;
    }
    statusBar.registerStatusItem('jupyter-live:status', {
      item,
      align: 'left',
      rank: 3,
      isActive: () => item.isNeeded,
      activeStateChanged: item.appeared
    });
  }
};
