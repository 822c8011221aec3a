import { Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Way } from './condition';
import { download } from './download';
import type { LiveProvider } from './provider';

/** What a way out is called on a button. */
export function nameOf(way: Way, trans: TranslationBundle): string {
  switch (way) {
    case 'save':
      return trans.__('Save');
    case 'download':
      return trans.__('Download my version');
    case 'reload':
      return trans.__('Reload');
  }
}

/** Take a way out. */
export function take(way: Way, provider: LiveProvider): void {
  switch (way) {
    case 'save':
      provider
        .save()
        .catch((error: Error) => Notification.error(`${PathExt.basename(provider.path)}: ${error.message}`));
      break;
    case 'download':
      download(provider.model, provider.path);
      break;
    case 'reload':
      window.location.reload();
      break;
  }
}
