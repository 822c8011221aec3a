import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import { download } from './download';
import { Gone } from './gone';
import { readTemporary, reminder, type Temporary } from './lifetime';
import type { LiveProvider } from './provider';
import { ILiveDocuments } from './tokens';

const COMMAND = 'live:download-changed';

// JupyterLab cuts notifications off after 140 characters.

/** Milliseconds between looks at the clock: a timer of hours does not count those in which a computer sleeps. */
const LOOK = 30_000;

/** Milliseconds without a connection after which the server may be gone for good. */
const PATIENCE = 30_000;

/** Tells people that the server is temporary: once for a visit, before it ends, and when it is gone. */
class Farewell {
  private _told: number | null = null;
  private _providers = new Set<LiveProvider>();
  private _cutSince: number | null = null;
  private _gone: Gone | null = null;
  private _warning = '';

  constructor(
    private _server: Temporary,
    private _downloadChanged: () => void,
    private _trans: TranslationBundle
  ) {}

  begin(): void {
    setInterval(() => this._look(), LOOK);
    this._welcome();
    this._look();
  }

  watch(provider: LiveProvider): void {
    this._providers.add(provider);
    provider.changed.connect(this._follow, this);
  }

  private _welcome(): void {
    const key = `jupyter-live:temporary:${PageConfig.getBaseUrl()}`;
    if (sessionStorage.getItem(key) === null) {
      sessionStorage.setItem(key, 'told');
      this._warn(this._explain());
    }
  }

  private _explain(): string {
    const { ends, idle } = this._server;
    if (ends === null || idle === null) {
      return this._trans.__('Temporary server: everything here is deleted when nobody uses it for a while.');
    }
    return this._trans.__(
      'Temporary server: everything here is deleted after %1 minutes without visitors, and at about %2.',
      idle / 60,
      clock(ends)
    );
  }

  private _look(): void {
    const due = reminder(this._server.ends, Date.now(), this._told);
    if (due !== null) {
      this._told = due;
      this._warn(
        this._trans.__(
          'Temporary server: everything here is deleted within %1 minutes, at about %2.',
          due,
          clock(this._server.ends!)
        )
      );
    }
    if (this._cutSince !== null && !this._gone && Date.now() - this._cutSince > PATIENCE) {
      this._mourn();
    }
  }

  private _follow(provider: LiveProvider): void {
    if (provider.isDisposed) {
      this._providers.delete(provider);
    }
    const phases = [...this._providers].map(({ phase }) => phase);
    if (!phases.includes('reconnecting') || phases.includes('live')) {
      this._cutSince = null;
      this._gone?.dispose();
      this._gone = null;
    } else if (this._cutSince === null) {
      this._cutSince = Date.now();
      setTimeout(() => this._look(), PATIENCE + 1000);
    }
  }

  private _mourn(): void {
    Notification.dismiss(this._warning); // what that offers to download is gone
    this._gone = new Gone(() => [...this._providers].forEach(({ model, path }) => download(model, path)), this._trans);
  }

  private _warn(message: string): void {
    const label = this._trans.__('Download what was changed');
    Notification.dismiss(this._warning);
    this._warning = Notification.warning(message, { autoClose: false, actions: [{ label, callback: this._downloadChanged }] });
  }
}

function clock(time: number): string {
  return new Date(time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

export const temporary: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:temporary',
  description: 'Tells that a server is temporary, as on Binder, and lets people download what they changed.',
  autoStart: true,
  requires: [ILiveDocuments],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    documents: ILiveDocuments,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const server = readTemporary(PageConfig.getOption('liveTemporary'));
    if (!server) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyter_live');
    const downloadChanged = () => {
      const link = document.createElement('a');
      link.href = URLExt.join(app.serviceManager.serverSettings.baseUrl, 'api/collaboration/changed');
      link.download = 'changed files.zip';
      link.click();
    };
    app.commands.addCommand(COMMAND, {
      label: trans.__('Download Changed Files'),
      caption: trans.__('Download all files that were changed on this temporary server, as one archive'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: downloadChanged
    });
    palette?.addItem({ command: COMMAND, category: trans.__('Collaboration') });
    const farewell = new Farewell(server, downloadChanged, trans);
    documents.added.connect((_, provider) => farewell.watch(provider));
    // Not earlier: nobody would show a notice.
    void app.restored.then(() => farewell.begin());
  }
};
