import assert from 'node:assert/strict';
import { test } from 'node:test';

import { condition } from './built.mjs';

const trans = { __: (text, ...values) => text.replace(/%(\d)/g, (_, n) => values[n - 1]), _n: (_one, many) => many };
const healthy = { file: 'saved', log: 'ok', code: null, message: null };
const failed = { ...healthy, code: 'save_failed', message: 'No.' };
const of = more =>
  condition.condition(
    { phase: 'live', role: 'writer', me: {}, progress: { unconfirmed: 0, saved: true }, fileState: healthy, ...more },
    trans
  );

test('all is saved only when it is in the file', () => {
  assert.equal(of({}).label, 'All changes saved');
  assert.equal(of({ fileState: { ...healthy, file: 'unsaved' } }).label, 'Saving…');
});

test('where the file alone fails, changes are in the log', () => {
  const { label, detail, tone } = of({ fileState: { ...failed, file: 'failed' } });
  assert.deepEqual([label, tone], ['Not saved: No.', 'trouble']);
  assert.match(detail, /kept in the server's log, but are not in the file/);
});

test('nothing is called kept that is not in the log', () => {
  const onTheWay = { unconfirmed: 1, saved: false };
  for (const more of [
    { fileState: { ...failed, log: 'failed' } },
    { fileState: { ...failed, file: 'failed', log: 'failed' } },
    { fileState: { ...failed, file: 'failed' }, progress: onTheWay }
  ]) {
    assert.match(of(more).detail, /not safe yet/);
  }
});
