// The pure modules, compiled for Node by `npm test`.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const built = name => require(`../node_modules/.cache/test/${name}.js`);

export const backoff = built('backoff');
export const closing = built('closing');
export const condition = built('condition');
export const people = built('people');
export const presence = built('presence');
export const progress = built('progress');
export const protocol = built('protocol');
export const saves = built('saves');
