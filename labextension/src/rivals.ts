import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { IDocumentProviderFactory } from '@jupyter/docprovider';

import { ILiveDocuments } from './tokens';

/** Makes JupyterLab's content provider for shared documents; it opens them through our factory. */
const CONTENT_PROVIDER = '@jupyter/docprovider-extension:content-provider';

/**
 * Tells when another extension has taken the place through which documents would open live.
 *
 * There is one content provider and one provider factory in a page, and whoever comes first or last has it: without this
 * notice documents would just not be live, or be live on somebody else's terms.
 */
export const rivals: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:rivals',
  description: 'Tells when another extension keeps documents from opening live.',
  autoStart: true,
  requires: [ILiveDocuments],
  optional: [IDocumentProviderFactory, ITranslator],
  activate: (app, documents: ILiveDocuments, factory: unknown, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_live');
    // Not earlier: plugins are still being activated, and nobody would show a notice.
    void app.restored.then(() => {
      const taken = factory !== documents ? 'document provider factory' : 'content provider';
      if (factory === documents && app.isPluginActivated(CONTENT_PROVIDER)) {
        return;
      }
      console.error(`content_provider_taken: the ${taken} is another extension's`);
      Notification.error(
        trans.__(
          'Documents do not open live: another extension has taken the place of Jupyter Live. Disable one of the two in the extension manager, then reload.'
        ),
        { autoClose: false }
      );
    });
  }
};
