import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import type { Brought } from './brought';
import type { LiveProvider } from './provider';
import { place, review } from './review';
import { ILiveDocuments } from './tokens';

/** Milliseconds that a notice stays which asks for nothing. */
const GLANCE = 6_000;

/** What is told about changes that came into a document by themselves; empty where it is not worth a word. */
function sentence(
  { from, changed, conflicts }: Brought,
  where: string,
  cells: boolean,
  trans: TranslationBundle
): string {
  if (conflicts.length) {
    const both = trans.__('Both versions are kept, at %1.', where);
    return from === 'file' ? `${trans.__('The file was changed on disk too.')} ${both}` : both;
  }
  switch (from) {
    case 'history':
      return cells
        ? trans._n(
            "%1 cell with your changes was carried over into the document's new history.",
            "%1 cells with your changes were carried over into the document's new history.",
            changed
          )
        : trans.__("Your changes were carried over into the document's new history.");
    case 'kept':
      return trans.__('Your unsent changes, kept in this browser, are in the document now.');
    case 'fork':
      return trans.__('The fork is gone: it was merged or deleted. This is the document itself.');
    default:
      return '';
  }
}

function tell(provider: LiveProvider, brought: Brought, trans: TranslationBundle): void {
  const { changed, conflicts, copy } = brought;
  const inWords = (where = '') => sentence(brought, where, provider.contentType === 'notebook', trans);
  const name = PathExt.basename(provider.path);
  if (copy) {
    const where = trans.__('Your version of the document is in the file %1.', copy);
    Notification.warning(`${name}: ${where}`, { autoClose: false });
  }
  if (conflicts.length) {
    // The document may not be complete yet: then its cells have no numbers. If it cannot be opened they never have.
    const show = () => {
      const { cell, line } = conflicts[0];
      const where = [place(provider, cell, trans), trans.__('line %1', line)].filter(Boolean).join(' ');
      const more = conflicts.length > 1 ? trans.__('%1 and %2 more', where, conflicts.length - 1) : where;
      const actions = [{ label: trans.__('Review…'), callback: () => void review(provider, brought, trans) }];
      Notification.warning(`${name}: ${inWords(more)}`, { autoClose: false, actions });
    };
    void provider.ready.then(show, show);
  } else if (changed && inWords()) {
    Notification.info(`${name}: ${inWords()}`, { autoClose: GLANCE });
  }
}

export const carried: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:carried',
  description: 'Tells what was carried over into a document, and asks where two sides changed the same line.',
  autoStart: true,
  requires: [ILiveDocuments],
  optional: [ITranslator],
  activate: (_app, documents: ILiveDocuments, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_live');
    documents.added.connect((_, provider) => {
      provider.broughtIn.connect((_, brought) => tell(provider, brought, trans));
    });
  }
};
