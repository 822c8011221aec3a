// The pure modules, compiled for Node by `npm test`.
import { createRequire } from 'node:module';

import * as Y from 'yjs';

const require = createRequire(import.meta.url);

// The shared models are ES modules, what is compiled here is not: without this there were two copies of Yjs, which do
// not know each other's types.
require.cache[require.resolve('yjs')] = { id: 'yjs', loaded: true, exports: Y };

const built = name => require(`../node_modules/.cache/test/${name}.js`);

export const backoff = built('backoff');
export const choice = built('choice');
export const closing = built('closing');
export const compare = built('compare');
export const condition = built('condition');
export const cursors = built('cursors');
export const holding = built('holding');
export const invitation = built('invitation');
export const ledger = built('ledger');
export const lifetime = built('lifetime');
export const moved = built('moved');
export const offsets = built('offsets');
export const orphans = built('orphans');
export const people = built('people');
export const presence = built('presence');
export const progress = built('progress');
export const protocol = built('protocol');
export const renewal = built('renewal');
export const route = built('route');
export const saves = built('saves');
export const succession = built('succession');
export const swap = built('swap');
export const when = built('when');
