import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { DocumentWidget } from '@jupyterlab/docregistry';
import type { FileEditor } from '@jupyterlab/fileeditor';
import type { Notebook } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { LiveProvider } from './provider';
import { ILiveDocuments } from './tokens';

type LiveWidget = DocumentWidget<Notebook | FileEditor>;

/**
 * Locks a document while changes would reach nobody: for a viewer, and after a cut for good.
 *
 * The server refuses a viewer's changes whatever the page does; this keeps the page from showing what is not so.
 */
class Lock {
  private _tag: Widget | null = null;

  constructor(
    private _widget: LiveWidget,
    private _provider: LiveProvider,
    private _trans: TranslationBundle
  ) {
    void _widget.context.ready.then(() => this._start());
  }

  private _start(): void {
    const { content } = this._widget;
    this._provider.changed.connect(this._look, this);
    this._widget.disposed.connect(() => this._provider.changed.disconnect(this._look, this));
    if (!('editor' in content)) {
      content.model?.cells.changed.connect(() => this._locked && this._apply());
    }
    this._look();
  }

  private get _locked(): boolean {
    return this._provider.role === 'viewer' || this._provider.phase === 'stopped';
  }

  private _look(): void {
    if (this._locked !== (this._tag !== null)) {
      this._tag ? this._hideTag() : this._showTag();
      this._apply();
    }
  }

  private _apply(): void {
    const { content } = this._widget;
    const { ydoc } = this._provider.model;
    if (this._locked) {
      // Commands that add, move, delete or run cells ask nobody. Like editors they change the document in
      // transactions of its own; what others change does not come that way.
      ydoc.transact = () => undefined as never;
    } else {
      delete (ydoc as Partial<typeof ydoc>).transact;
    }
    if ('editor' in content) {
      content.editor.setOption('readOnly', this._locked);
      return;
    }
    for (const cell of content.widgets) {
      if (this._locked) {
        cell.readOnly = true;
      } else {
        // Some cells are read-only by their own metadata.
        cell.loadEditableState();
      }
    }
  }

  private _showTag(): void {
    const viewer = this._provider.role === 'viewer';
    const tag = document.createElement('span');
    tag.textContent = viewer ? this._trans.__('View only') : this._trans.__('Not connected');
    tag.title = viewer
      ? this._trans.__('You can read this document and see changes as they happen. Ask its owner for write access.')
      : this._trans.__('Reload the page to go on with this document.');
    this._tag = new Widget();
    this._tag.node.append(tag);
    this._tag.addClass('jp-LiveLock');
    const { toolbar } = this._widget;
    toolbar.insertBefore('live-avatars', 'live-lock', this._tag) || toolbar.addItem('live-lock', this._tag);
  }

  private _hideTag(): void {
    this._tag?.dispose();
    this._tag = null;
  }
}

export const readonly: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:readonly',
  description: 'Locks a document that one may view but not change.',
  autoStart: true,
  requires: [ILiveDocuments],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, documents: ILiveDocuments, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_live');
    const createNew = (widget: Widget) => {
      const provider = documents.of(widget);
      if (provider) {
        new Lock(widget as LiveWidget, provider, trans);
      }
    };
    for (const factory of ['Notebook', 'Editor']) {
      app.docRegistry.addWidgetExtension(factory, { createNew });
    }
  }
};
