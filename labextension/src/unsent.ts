import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import * as Y from 'yjs';

import { download, type Source } from './download';
import type { LiveError } from './errors';
import { openKeep, type Entry } from './keep';
import { owned } from './owners';
import type { LiveProvider } from './provider';
import { ILiveDocuments } from './tokens';

/** Milliseconds after which nobody is about to send what they left behind. */
const OLD = 60_000;

/** Milliseconds in which a page that starts opens the documents of last time, which sends what is left of them. */
const STARTING = 5_000;

/** Tell once per document that something of it is still here. */
async function announce(app: JupyterFrontEnd, trans: TranslationBundle): Promise<void> {
  const [keep, isOwned] = await Promise.all([openKeep(), owned()]);
  const entries = (await keep?.entries(ServerConnection.makeSettings().baseUrl)) ?? [];
  const left = entries.filter(entry => !isOwned(entry.id) && Date.now() - entry.time > OLD);
  for (const [path, time] of new Map(left.map(entry => [entry.path, entry.time]))) {
    const when = new Date(time).toLocaleString();
    Notification.info(trans.__('Unsent changes to %1 from %2 are kept in this browser.', path, when), {
      autoClose: false,
      actions: [{ label: trans.__('Open'), callback: () => void app.commands.execute('docmanager:open', { path }) }]
    });
  }
}

/** Tell that the server does not take something that is still here. */
async function complain(provider: LiveProvider, entry: Entry, error: LiveError, trans: TranslationBundle): Promise<void> {
  const when = new Date(entry.time).toLocaleString();
  const sentence = trans.__('Your changes from %1, kept in this browser, could not be sent.', when);
  const keep = await openKeep();
  Notification.warning(`${PathExt.basename(entry.path)}: ${sentence} ${error.message}`, {
    autoClose: false,
    actions: [
      {
        label: trans.__('Download'),
        callback: async () => {
          const held = await keep!.held(entry);
          if (!held) {
            return;
          }
          const model = new (provider.model.constructor as new () => Source & { ydoc: Y.Doc; dispose(): void })();
          [held.base, held.mine].filter(part => part.length).forEach(part => Y.applyUpdate(model.ydoc, part));
          download(model, entry.path);
          model.dispose();
        }
      },
      { label: trans.__('Discard'), displayType: 'warn', callback: () => void keep!.remove(entry.id) }
    ]
  });
}

export const unsent: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:unsent',
  description: 'Tells about unsent changes that are kept in this browser.',
  autoStart: true,
  requires: [ILiveDocuments],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, documents: ILiveDocuments, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_live');
    documents.added.connect((_, provider) => {
      provider.left.connect((_, { entry, error }) => void complain(provider, entry, error, trans));
    });
    const tell = () =>
      announce(app, trans).catch(error => console.warn('jupyter-live: what is kept could not be read', error));
    void app.restored.then(() => setTimeout(tell, STARTING));
  }
};
