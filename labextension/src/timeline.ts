import { ILabShell, ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, Notification, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { PathExt } from '@jupyterlab/coreutils';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { historyIcon } from '@jupyterlab/ui-components';

import { comparison } from './comparison';
import { restoreMoment } from './moments';
import type { Moment } from './protocol';
import type { LiveProvider } from './provider';
import { TimelinePanel } from './timelinepanel';
import { ILiveDocuments } from './tokens';
import { dayOf, daysAgo, timeOf } from './when';

const SHOW = 'live:show-history';

/** Milliseconds after which somebody who waits is told that something goes on. */
const PATIENCE = 1_000;

/** Milliseconds for which something is told that nobody has to answer. */
const SHOWN = 10_000;

/** Brings versions of documents back, and tells how that went. */
class Restorer {
  constructor(private _trans: TranslationBundle) {}

  /** Ask whether it is meant, then do it. */
  async restore(provider: LiveProvider, moment: Moment): Promise<void> {
    const trans = this._trans;
    const name = PathExt.basename(provider.path);
    const { button } = await showDialog({
      title: trans.__('Restore this version?'),
      body: [
        trans.__('%1 becomes what it was %2, for everybody who has it open.', name, this._when(moment.at)),
        trans.__('What it is now is kept as a version, and what is typed meanwhile stays.')
      ].join(' '),
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Restore') })]
    });
    if (button.accept) {
      await this._bringBack(provider, moment.id, trans.__('%1 is what it was %2.', name, this._when(moment.at)));
    }
  }

  /** Somebody has brought a version back. */
  tell(provider: LiveProvider, { restored, authors }: Moment): void {
    const others = authors.filter(({ username }) => username !== provider.me?.username);
    if (restored !== null && others.length === authors.length && others.length) {
      const names = others.map(({ name }) => name).join(', ');
      const file = PathExt.basename(provider.path);
      const sentence = this._trans.__('%1: %2 brought back what it was %3.', file, names, this._when(restored));
      Notification.info(sentence, { autoClose: SHOWN });
    }
  }

  private async _bringBack(provider: LiveProvider, id: number, done: string): Promise<void> {
    const trans = this._trans;
    let shown: string | undefined;
    const waiting = setTimeout(() => {
      shown = Notification.emit(trans.__('Restoring…'), 'in-progress', { autoClose: false });
    }, PATIENCE);
    try {
      const { before, changed, conflicts, saved, message } = await restoreMoment(provider, id);
      const more = conflicts.length ? ` ${trans.__('Some lines were edited meanwhile: both versions are there.')}` : '';
      const unsaved = saved ? '' : ` ${trans.__('The file does not have it yet: %1', message ?? '')}`;
      const undo = () => void this._bringBack(provider, before, trans.__('It is what it was before.'));
      const actions = changed ? [{ label: trans.__('Undo'), callback: undo }] : [];
      const sentence = changed ? `${done}${more}${unsaved}` : trans.__('It is the same already.');
      Notification.emit(sentence, saved ? 'success' : 'warning', { autoClose: SHOWN, actions });
    } catch (error) {
      void showErrorMessage(trans.__('The version was not restored'), (error as Error).message);
    } finally {
      clearTimeout(waiting);
      shown && Notification.dismiss(shown);
    }
  }

  private _when(at: number): string {
    const days = daysAgo(at);
    const day = days === 0 ? this._trans.__('today') : days === 1 ? this._trans.__('yesterday') : dayOf(at);
    return this._trans.__('%1 at %2', day, timeOf(at));
  }
}

/** `schema/timeline.json` says in which menus the command is. */
export const timeline: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:timeline',
  description: 'Shows what the current document was before, and brings that back.',
  autoStart: true,
  requires: [ILiveDocuments],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, IEditorLanguageRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    documents: ILiveDocuments,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    languages: IEditorLanguageRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_live');
    const restoring = new Restorer(trans);
    const restore = (provider: LiveProvider, moment: Moment) => void restoring.restore(provider, moment);
    const close = () => {
      // Notebook 7 has a shell of its own, which can do that too.
      (app.shell as { collapseRight?(): void }).collapseRight?.();
      app.shell.currentWidget?.activate();
    };
    const preview = async (provider: LiveProvider, moment: Moment, before: Moment | undefined) => {
      (await comparison(provider, moment, before, languages, trans)) ? restore(provider, moment) : panel.activate();
    };
    const panel = new TimelinePanel({ preview: (...all) => void preview(...all), restore, close }, trans);
    panel.title.icon = historyIcon;
    panel.title.caption = trans.__('History');
    const place = () => panel.isAttached || app.shell.add(panel, 'right', { rank: 900 });
    if (labShell) {
      place();
      restorer?.add(panel, panel.id);
    }
    const follow = () => {
      panel.provider = documents.of(app.shell.currentWidget);
      app.commands.notifyCommandChanged(SHOW);
    };
    app.shell.currentChanged?.connect(follow);
    void app.restored.then(follow);
    documents.added.connect((_, provider) => {
      provider.momentKept.connect(restoring.tell, restoring);
      void provider.ready.then(follow, () => undefined);
    });
    app.commands.addCommand(SHOW, {
      label: trans.__('Live: Show History'),
      caption: trans.__('Show what this document was before, and who changed it'),
      icon: historyIcon,
      isEnabled: () => documents.of(app.shell.currentWidget) !== undefined,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        place();
        follow();
        app.shell.activateById(panel.id);
      }
    });
    palette?.addItem({ command: SHOW, category: trans.__('Live') });
  }
};
