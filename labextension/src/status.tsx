import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar, TextItem } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import * as React from 'react';

import { condition } from './condition';
import type { LiveProvider } from './provider';
import { ILiveDocuments } from './tokens';

/** Tells in the status bar how the current document fares. */
class LiveStatus extends ReactWidget {
  /** Emitted when there is a live document to tell about, or none any more. */
  readonly appeared = new Signal<this, void>(this);

  private _provider: LiveProvider | undefined;

  constructor(private _trans: TranslationBundle) {
    super();
    this.addClass('jp-LiveStatus');
  }

  get provider(): LiveProvider | undefined {
    return this._provider;
  }

  set provider(provider: LiveProvider | undefined) {
    this._provider?.changed.disconnect(this.update, this);
    this._provider = provider;
    provider?.changed.connect(this.update, this);
    this.appeared.emit();
    this.update();
  }

  protected override render(): JSX.Element | null {
    if (!this._provider) {
      return null;
    }
    const { label, detail, tone } = condition(this._provider, this._trans);
    return (
      <>
        <TextItem source={label} title={detail} data-tone={tone} />
        {/* Every keystroke passes through "Saving…": only what matters is read aloud. */}
        <span className="jp-LiveStatus-aloud" aria-live="polite">
          {tone === 'trouble' ? label : ''}
        </span>
      </>
    );
  }
}

export const status: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:status',
  description: 'Tells in the status bar whether the current document is connected and saved.',
  autoStart: true,
  requires: [ILiveDocuments],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    documents: ILiveDocuments,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ) => {
    if (!statusBar) {
      return;
    }
    const item = new LiveStatus((translator ?? nullTranslator).load('jupyter_live'));
    const follow = () => {
      item.provider = documents.of(app.shell.currentWidget);
    };
    app.shell.currentChanged?.connect(follow);
    void app.restored.then(follow);
    statusBar.registerStatusItem('jupyter-live:status', {
      item,
      align: 'left',
      rank: 3,
      isActive: () => item.provider !== undefined,
      activeStateChanged: item.appeared
    });
  }
};
