import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICollaborativeContentProvider } from '@jupyter/collaborative-drive';
import { YNotebook } from '@jupyter/ydoc';
import { INotebookWidgetFactory, type NotebookWidgetFactory } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

/** JupyterLab's settings of notebooks. */
const SETTINGS = '@jupyterlab/notebook-extension:tracker';

/** What the setting is called, in JupyterLab 4.6 and before. */
const NAMES = ['documentWideUndoRedo', 'experimentalEnableDocumentWideUndoRedo'];

/**
 * Makes the shared model of each notebook that is opened, which undoes by cell or, where JupyterLab is set so, over the
 * whole notebook. In place of jupyter-collaboration's plugin, which knows only the older name of that setting.
 */
export const undo: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:undo',
  description: 'Lets undo in shared notebooks reach as far as JupyterLab is set.',
  autoStart: true,
  requires: [ICollaborativeContentProvider, INotebookWidgetFactory],
  optional: [ISettingRegistry],
  activate: async (
    _app,
    content: ICollaborativeContentProvider,
    notebooks: NotebookWidgetFactory.IFactory,
    registry: ISettingRegistry | null
  ) => {
    let wide = false;
    const make = () => new YNotebook({ disableDocumentWideUndoRedo: !wide });
    content.sharedModelFactory.registerDocumentFactory('notebook', make);
    notebooks.contentProviderId = 'rtc';
    // JupyterLab has no such setting where its notebooks are disabled.
    const settings = await registry?.load(SETTINGS).catch(() => null);
    const read = () => {
      wide = NAMES.some(name => settings?.get(name).composite === true);
    };
    settings?.changed.connect(read);
    read();
  }
};
