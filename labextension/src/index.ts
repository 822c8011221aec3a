import { PageConfig } from '@jupyterlab/coreutils';

import { avatars } from './avatars';
import { busy } from './busy';
import { carried } from './carried';
import { completer } from './completer';
import { connection } from './connection';
import { documentProvider, documents } from './documents';
import { inputs } from './inputs';
import { leaving } from './leaving';
import { naming } from './naming';
import { notices } from './notices';
import { online } from './online';
import { place } from './place';
import { readonly } from './readonly';
import { rivals } from './rivals';
import { sharing } from './share';
import { status } from './status';
import { temporary } from './temporary';
import { timeline } from './timeline';
import { undo } from './undo';
import { unsent } from './unsent';
import { viewport } from './viewport';

const onHub = PageConfig.getOption('hubPrefix') !== '';

/** One plugin per feature, so that each can be disabled on its own. */
export default [
  avatars,
  busy,
  carried,
  completer,
  documentProvider,
  documents,
  inputs,
  leaving,
  naming,
  notices,
  online,
  place,
  readonly,
  rivals,
  sharing,
  status,
  temporary,
  timeline,
  undo,
  unsent,
  viewport,
  ...(onHub ? [] : [connection])
];
