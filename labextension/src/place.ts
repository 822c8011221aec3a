import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { DocumentWidget } from '@jupyterlab/docregistry';
import type { FileEditor } from '@jupyterlab/fileeditor';
import type { Notebook } from '@jupyterlab/notebook';

import { HeldKeys } from './heldkeys';
import { follow } from './offsets';
import { ILiveDocuments } from './tokens';

/** Puts things back to where they were. */
type Restore = () => void;

/** Milliseconds that a replaced cell may take to be there before keys pass again, wherever they go. */
const PATIENCE = 3_000;

/** Remember the cursor and the selection of an editor. @returns puts them into an editor of the changed text */
function cursor(editor: CodeEditor.IEditor): (into: CodeEditor.IEditor) => void {
  const before = editor.model.sharedModel.getSource();
  const { start, end } = editor.getSelection();
  const offsets = [editor.getOffsetAt(start), editor.getOffsetAt(end)];
  return into => {
    const after = into.model.sharedModel.getSource();
    const [from, to] = offsets.map(offset => into.getPositionAt(follow(offset, before, after))!);
    into.setSelection({ start: from, end: to });
  };
}

function ofFile({ editor }: FileEditor): Restore {
  const restore = cursor(editor);
  const scroller = editor.host.querySelector('.cm-scroller');
  const top = scroller?.scrollTop ?? 0;
  const focused = editor.hasFocus();
  return () => {
    restore(editor);
    requestAnimationFrame(() => scroller?.scrollTo({ top }));
    focused && editor.focus();
  };
}

function ofNotebook(notebook: Notebook): Restore {
  const { activeCell, activeCellIndex, mode, outerNode } = notebook;
  const id = activeCell?.model.id;
  const restore = mode === 'edit' && activeCell?.editor ? cursor(activeCell.editor) : null;
  const top = outerNode.scrollTop;
  const focused = notebook.node.contains(document.activeElement);
  return () => {
    const found = notebook.widgets.findIndex(cell => cell.model.id === id);
    notebook.activeCellIndex = found < 0 ? Math.min(activeCellIndex, notebook.widgets.length - 1) : found;
    const cell = notebook.activeCell;
    const keys = focused && restore ? new HeldKeys() : null;
    const settle = () => {
      // First: whatever fails below, nobody is to be left with a dead keyboard.
      const typed = keys?.release();
      outerNode.scrollTo({ top });
      if (focused && cell && notebook.activeCell === cell) {
        notebook.mode = mode;
        cell.editor && restore?.(cell.editor);
        mode === 'edit' ? cell.editor?.focus() : notebook.node.focus();
      }
      if (typed && cell?.editor) {
        cell.editor.replaceSelection?.(typed);
      } else if (typed && cell) {
        const { length } = cell.model.sharedModel.getSource();
        cell.model.sharedModel.updateSource(length, length, typed);
      }
      requestAnimationFrame(() => outerNode.scrollTo({ top }));
    };
    const here = cell?.ready ?? Promise.resolve();
    const late = new Promise(resolve => setTimeout(resolve, PATIENCE));
    // Cells get their height one after another: scrolling has to wait for them.
    void Promise.race([here, late]).then(() => requestAnimationFrame(settle));
  };
}

export const place: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:place',
  description: 'Keeps the place where one reads and types while the history of a document is replaced.',
  autoStart: true,
  requires: [ILiveDocuments],
  activate: (app: JupyterFrontEnd, documents: ILiveDocuments) => {
    const createNew = (widget: DocumentWidget) => {
      let restore: Restore | undefined;
      documents.of(widget)?.swapping.connect((_, moment) => {
        if (widget.isDisposed) {
          return;
        }
        if (moment === 'after') {
          restore?.();
          return;
        }
        const { content } = widget;
        restore = 'editor' in content ? ofFile(content as FileEditor) : ofNotebook(content as Notebook);
      });
    };
    for (const factory of ['Notebook', 'Editor']) {
      app.docRegistry.addWidgetExtension(factory, { createNew });
    }
  }
};
