import { PageConfig } from '@jupyterlab/coreutils';

import { avatars } from './avatars';
import { busy } from './busy';
import { completer } from './completer';
import { connection } from './connection';
import { documentProvider, documents } from './documents';
import { notices } from './notices';
import { readonly } from './readonly';
import { rivals } from './rivals';
import { status } from './status';
import { viewport } from './viewport';

const onHub = PageConfig.getOption('hubPrefix') !== '';

/** One plugin per feature, so that each can be disabled on its own. */
export default [
  avatars,
  busy,
  completer,
  documentProvider,
  documents,
  notices,
  readonly,
  rivals,
  status,
  viewport,
  ...(onHub ? [] : [connection])
];
