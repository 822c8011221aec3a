import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, Dialog, ICommandPalette, Notification, showDialog } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import type { DocumentWidget } from '@jupyterlab/docregistry';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, shareIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { invitation, masked } from './invitation';

/** jupyter-collaboration's, whose plugin we replace: shortcuts, toolbars and packages name it. */
const COMMAND = 'collaboration:shared-link';

/** Shows the link, and what whoever has it can do. */
class Invitation extends ReactWidget implements Dialog.IBodyWidget<string> {
  private _withToken = true;

  constructor(
    private _path: string,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-LiveShare');
  }

  getValue(): string {
    const lab = PageConfig.getUrl({
      mode: 'multiple-document',
      workspace: PageConfig.defaultWorkspace,
      treePath: this._path,
      toShare: true
    });
    const hasOwnPage = PageConfig.getOption('notebookPage') !== '';
    return invitation({ here: window.location.href, lab, hasOwnPage }, this._withToken ? PageConfig.getToken() : '');
  }

  protected override render(): JSX.Element {
    const hasToken = PageConfig.getToken() !== '';
    return (
      <>
        <label>
          {this._path ? this._trans.__('Link to %1', this._path) : this._trans.__('Link to this server')}
          <input className="jp-mod-styled" readOnly value={masked(this.getValue())} onFocus={event => event.target.select()} />
        </label>
        {hasToken && (
          <label className="jp-LiveShare-token">
            <input type="checkbox" checked={this._withToken} onChange={event => this._include(event.target.checked)} />
            {this._trans.__('Whoever has the link may come in')}
          </label>
        )}
        <p aria-live="polite">{this._explain(hasToken)}</p>
      </>
    );
  }

  private _include(withToken: boolean): void {
    this._withToken = withToken;
    this.update();
  }

  private _explain(hasToken: boolean): string {
    if (!hasToken) {
      return this._trans.__('It works for everybody who can sign in to this server.');
    }
    return this._withToken
      ? this._trans.__(
          'It contains the token of this server: everybody who gets it can open, change and run everything here, for as long as the server runs.'
        )
      : this._trans.__('It works for those who are signed in here, or know the token of this server.');
  }
}

async function share(path: string, trans: TranslationBundle): Promise<void> {
  const { button, value } = await showDialog({
    title: trans.__('Share'),
    body: new Invitation(path, trans),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Copy Link') })]
  });
  copy(button.accept ? value : null, trans);
}

/** On JupyterHub people get access from the hub, by the dialog that jupyter-collaboration has for it. */
async function shareOnHub(translator: ITranslator, trans: TranslationBundle): Promise<void> {
  const { showSharedLinkDialog } = await import('@jupyter/collaboration');
  const { button, value } = await showSharedLinkDialog({ translator });
  copy(button.accept ? value : null, trans);
}

function copy(link: string | null, trans: TranslationBundle): void {
  if (link) {
    Clipboard.copyToSystem(link);
    Notification.success(trans.__('The link is copied. Send it to whom you want to work with.'), { autoClose: 4000 });
  }
}

/** `schema/share.json` puts the command into the top bar. */
export const sharing: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:share',
  description: 'Copies a link by which others come to the current document or folder.',
  autoStart: true,
  optional: [ICommandPalette, ITranslator],
  activate: (app: JupyterFrontEnd, palette: ICommandPalette | null, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_live');
    // Where no document is at hand the page's address has the folder that is looked at.
    const path = () =>
      (app.shell.currentWidget as Partial<DocumentWidget> | null)?.context?.path ?? PageConfig.getOption('treePath');
    app.commands.addCommand(COMMAND, {
      label: trans.__('Share…'),
      caption: trans.__('Copy a link by which others come to what is open here'),
      icon: shareIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () =>
        PageConfig.getOption('hubUser') !== ''
          ? shareOnHub(translator ?? nullTranslator, trans)
          : share(path(), trans)
    });
    palette?.addItem({ command: COMMAND, category: trans.__('Collaboration') });
  }
};
