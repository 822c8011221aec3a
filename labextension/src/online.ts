import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IGlobalAwareness } from '@jupyter/collaborative-drive';
import type { IAwareness } from '@jupyter/ydoc';

/** jupyter-collaboration's panel, and in it the list of those who are online. */
const PANEL = 'jp-collaboration-panel';
const LIST = '.jp-CollaboratorsList';

/**
 * Has the list of those who are online show who was here before.
 *
 * It renews itself with news alone, and the server tells a page who is here as soon as it connects: before the list
 * is drawn. Whoever came later would see nobody until somebody does something.
 */
export const online: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:online',
  description: 'Shows from the start who is online.',
  autoStart: true,
  optional: [IGlobalAwareness],
  activate: (app, awareness: IAwareness | null) => {
    if (!awareness) {
      return;
    }
    const news = () => ({ added: [], updated: [...awareness.getStates().keys()], removed: [] });
    void Promise.all([app.restored, app.serviceManager.user.ready]).then(() => {
      const panel = document.getElementById(PANEL);
      panel && whenDrawn(panel, () => awareness.emit('change', [news(), 'local']));
    });
  }
};

function whenDrawn(panel: HTMLElement, tell: () => void): void {
  if (panel.querySelector(LIST)) {
    tell();
    return;
  }
  const observer = new MutationObserver(() => {
    if (panel.querySelector(LIST)) {
      observer.disconnect();
      tell();
    }
  });
  observer.observe(panel, { childList: true, subtree: true });
}
