import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';

import { ILiveDocuments } from './tokens';

/**
 * Keeps what one reads in its place while others write above it
 * (https://github.com/jupyterlab/jupyter-collaboration/issues/310 is the worst case of it not staying there).
 *
 * The browser does so by itself (`overflow-anchor`), but core allows it to hold on to the active cell only. That
 * suits one person, who changes what is active; others change what is not. So while the active cell is out of
 * sight the browser may hold on to any cell: a class says when, and the style sheet does the rest.
 *
 * The windowing mode "full" places cells by its own reckoning, and is out of reach for this.
 */
class Anchor {
  private _observer: IntersectionObserver;

  constructor(private _notebook: Notebook) {
    this._observer = new IntersectionObserver(entries => {
      const visible = entries[entries.length - 1].isIntersecting;
      _notebook.toggleClass('jp-mod-liveAnchored', !visible);
    });
    _notebook.activeCellChanged.connect(this._watch, this);
    _notebook.disposed.connect(() => this._observer.disconnect());
    this._watch();
  }

  private _watch(): void {
    this._observer.disconnect();
    if (this._notebook.activeCell) {
      this._observer.observe(this._notebook.activeCell.node);
    }
  }
}

export const viewport: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:viewport',
  description: "Keeps other people's changes from moving what one reads.",
  autoStart: true,
  requires: [ILiveDocuments],
  activate: (app: JupyterFrontEnd, documents: ILiveDocuments) => {
    app.docRegistry.addWidgetExtension('Notebook', {
      createNew: (panel: NotebookPanel) => {
        if (documents.of(panel)) {
          new Anchor(panel.content);
        }
      }
    });
  }
};
