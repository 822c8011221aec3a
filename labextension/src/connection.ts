import { IConnectionLost, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

/** Milliseconds without a failure after which the next one is a new outage; core asks the server more often. */
const OUTAGE = 120_000;

/**
 * Tells once per outage that the server does not answer.
 *
 * Core interrupts everybody with a dialog. That is right where an outage means lost work; here one may go on, and the
 * status bar counts what is not saved yet. JupyterHub's front end has a dialog of its own, which can start the server
 * again: there, leave this plugin out.
 */
export const connection: JupyterFrontEndPlugin<IConnectionLost> = {
  id: 'jupyter-live:connection',
  description: 'Tells that the server does not answer, without interrupting.',
  optional: [ITranslator],
  provides: IConnectionLost,
  activate: (_app, translator: ITranslator | null): IConnectionLost => {
    const trans = (translator ?? nullTranslator).load('jupyter_live');
    let last = -Infinity;
    return async () => {
      if (Date.now() - last > OUTAGE) {
        // In the list behind the bell only: core fetches what shows a toast from the server, which is down, and if that
        // fails once no toast is shown in this page ever again.
        Notification.warning(trans.__('The server does not answer. You can go on working in open documents.'), {
          autoClose: 0
        });
      }
      last = Date.now();
    };
  }
};
