import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';

import type { LiveProvider } from './provider';
import { ILiveDocuments } from './tokens';

/** Milliseconds for which a kernel does nothing before a busy mark counts as left behind: messages may be under way. */
const DOUBT = 3_000;

/**
 * Clears busy marks that nobody will clear any more.
 *
 * Core shares the mark `[*]`, the execution count and the outputs; the page that runs the cell writes them. If that
 * page goes away in between, the mark stays in the document, for everybody and in every later visit. All pages of a
 * notebook have the same kernel: once it is idle, nothing is running.
 */
class BusyMarks {
  private _timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private _panel: NotebookPanel,
    private _provider: LiveProvider
  ) {
    _panel.sessionContext.statusChanged.connect(this._wait, this);
    _panel.disposed.connect(() => clearTimeout(this._timer));
    void _panel.sessionContext.ready.then(() => this._wait());
  }

  private _wait(): void {
    clearTimeout(this._timer);
    if (!this._panel.isDisposed && this._panel.sessionContext.session?.kernel?.status === 'idle') {
      this._timer = setTimeout(() => this._clear(), DOUBT);
    }
  }

  private _clear(): void {
    if (this._provider.phase !== 'live' || this._provider.role !== 'writer') {
      return;
    }
    for (const cell of this._panel.content.widgets) {
      if (cell.model.type === 'code') {
        const { model, outputArea } = cell as CodeCell;
        const runsHere = outputArea.future && !outputArea.future.isDisposed;
        if (model.executionState === 'running' && !runsHere) {
          model.executionState = 'idle';
        }
      }
    }
  }
}

export const busy: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:busy',
  description: 'Clears the busy mark of a cell whose runner has left.',
  autoStart: true,
  requires: [ILiveDocuments],
  activate: (app: JupyterFrontEnd, documents: ILiveDocuments) => {
    app.docRegistry.addWidgetExtension('Notebook', {
      createNew: (panel: NotebookPanel) => {
        const provider = documents.of(panel);
        if (provider) {
          new BusyMarks(panel, provider);
        }
      }
    });
  }
};
