import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, InputDialog, Notification } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection, User } from '@jupyterlab/services';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import { ask } from './session';
import { ILiveNaming } from './tokens';

const COMMAND = 'live:change-name';

/** Lets a person change their name; the server tells the others, and keeps it in a cookie for the next visit. */
class Naming implements ILiveNaming {
  constructor(
    private _user: User.IManager,
    private _settings: ServerConnection.ISettings,
    private _trans: TranslationBundle
  ) {}

  get isPossible(): boolean {
    // Typed as actions on resources; this one is a list of fields.
    const fields = this._user.permissions?.['updatable_fields'] as string[] | undefined;
    return fields?.includes('display_name') ?? false;
  }

  async ask(): Promise<void> {
    const before = this._user.identity?.display_name ?? '';
    const { button, value } = await InputDialog.getText({
      title: this._trans.__('Change Your Name'),
      label: this._trans.__('The others see it beside your cursor and in the toolbar.'),
      text: before,
      okLabel: this._trans.__('Change')
    });
    const name = value?.trim();
    if (button.accept && name && name !== before) {
      await this._change(name);
    }
  }

  private async _change(name: string): Promise<void> {
    const url = URLExt.join(this._settings.baseUrl, 'api/me');
    try {
      await ask(url, { method: 'PATCH', body: JSON.stringify({ name, display_name: name }) }, this._settings);
      await this._user.refreshUser();
    } catch (error) {
      Notification.error(this._trans.__('Your name could not be changed: %1', (error as Error).message));
    }
  }
}

export const naming: JupyterFrontEndPlugin<ILiveNaming> = {
  id: 'jupyter-live:naming',
  description: 'Lets people change the name under which others see them.',
  autoStart: true,
  provides: ILiveNaming,
  optional: [ICommandPalette, ITranslator],
  activate: (app: JupyterFrontEnd, palette: ICommandPalette | null, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_live');
    const naming = new Naming(app.serviceManager.user, app.serviceManager.serverSettings, trans);
    app.commands.addCommand(COMMAND, {
      label: trans.__('Change Your Name…'),
      caption: trans.__('Change the name under which others see you'),
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => naming.isPossible,
      execute: () => naming.ask()
    });
    palette?.addItem({ command: COMMAND, category: trans.__('Collaboration') });
    return naming;
  }
};
