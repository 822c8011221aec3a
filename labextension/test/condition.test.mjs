import assert from 'node:assert/strict';
import { test } from 'node:test';

import { condition } from './built.mjs';

const fill = (text, values) => text.replace(/%(\d)/g, (_, n) => values[n - 1]);
const trans = {
  __: (text, ...values) => fill(text, values),
  _n: (one, many, n, ...values) => fill(n === 1 ? one : many, [n, ...values])
};
const healthy = { file: 'saved', log: 'ok', code: null, message: null };
const failed = { ...healthy, file: 'failed', code: 'save_failed', message: 'No.' };
const onTheWay = { unconfirmed: 2, saved: false };
const of = more =>
  condition.condition(
    {
      phase: 'live',
      role: 'writer',
      me: {},
      complete: true,
      kept: false,
      progress: { unconfirmed: 0, saved: true },
      fileState: healthy,
      ...more
    },
    trans
  );

test('while a document is fetched, how much of it is here is told where the server tells', () => {
  assert.equal(of({ phase: 'connecting', here: null }).label, 'Connecting…');
  assert.equal(of({ phase: 'connecting', here: 0 }).label, 'Opening… 0 %');
  assert.equal(of({ phase: 'connecting', here: 0.456 }).label, 'Opening… 46 %');
});

test('all is saved only when it is in the file', () => {
  assert.equal(of({}).label, 'All changes saved');
  const logged = of({ fileState: { ...healthy, file: 'unsaved' } });
  assert.deepEqual([logged.label, logged.tone], ['In the log, not yet in the file', 'busy']);
});

test('a fork has no file, and is not called saved', () => {
  const fork = more => of({ progress: { unconfirmed: 0, saved: true }, fileState: { ...healthy, file: 'none' }, ...more });
  assert.deepEqual([fork().label, fork().tone], ['Fork, kept in the log', 'fine']);
  assert.equal(fork({ progress: onTheWay }).label, 'Saving…');
});

test('nothing is called logged that is on its way', () => {
  assert.equal(of({ progress: onTheWay, fileState: { ...healthy, file: 'unsaved' } }).label, 'Saving…');
});

test('offline it says how many changes are where', () => {
  const offline = more => of({ phase: 'reconnecting', progress: onTheWay, ...more });
  assert.equal(of({ phase: 'reconnecting' }).label, 'Offline');
  assert.deepEqual(of({ phase: 'reconnecting' }).ways, ['download']);
  assert.equal(offline({ kept: true }).label, 'Offline, 2 changes kept in this browser');
  assert.match(offline({ kept: true }).detail, /sent when you open the document here again/);
  assert.equal(offline({ kept: false }).label, 'Offline, 2 changes only in this page');
  assert.match(offline({ kept: false }).detail, /keep it open/);
});

test('cut off for good there are two ways, and it says where the changes are', () => {
  const problem = { message: 'Gone.' };
  const stopped = more => of({ phase: 'stopped', problem, ...more });
  assert.deepEqual(stopped({}).ways, ['download', 'reload']);
  assert.match(stopped({}).detail, /Gone\. All your changes are on the server/);
  assert.match(stopped({ progress: onTheWay, kept: true }).detail, /kept in this browser/);
  assert.match(stopped({ progress: onTheWay }).detail, /only in this page/);
});

test('where the file alone fails, changes are in the log', () => {
  const { label, detail, tone, ways } = of({ fileState: failed });
  assert.deepEqual([label, tone, ways], ['Cannot save: No.', 'trouble', ['download']]);
  assert.match(detail, /kept in the server's log, but are not in the file yet\. The server tries again by itself/);
});

test('a file that only a person can bring back is not tried by itself', () => {
  for (const code of ['file_missing', 'file_unreadable']) {
    const { detail, ways } = of({ fileState: { ...failed, code } });
    assert.equal(ways[0], 'save');
    assert.doesNotMatch(detail, /by itself/);
  }
});

test('where the log alone fails, what is in the file is safe', () => {
  const { label, detail } = of({ fileState: { ...healthy, log: 'failed', code: 'log_failed', message: 'Locked.' } });
  assert.equal(label, 'Cannot log: Locked.');
  assert.match(detail, /in the file/);
});

test('nothing is called kept that is not in the log', () => {
  for (const more of [
    { fileState: { ...failed, log: 'failed' } },
    { fileState: { ...failed, file: 'unsaved', log: 'failed' } },
    { fileState: failed, progress: onTheWay }
  ]) {
    assert.match(of(more).detail, /not safe yet/);
  }
});

test('what was just typed is not said to be in the file while the log fails', () => {
  const fileState = { ...healthy, log: 'failed', code: 'log_failed', message: 'Locked.' };
  assert.match(of({ fileState, progress: onTheWay }).detail, /not safe yet/);
});

test('a viewer who is cut off is not told to go on working', () => {
  const offline = of({ phase: 'reconnecting', role: 'viewer' });
  assert.equal(offline.label, 'Offline');
  assert.doesNotMatch(offline.detail, /working/);
});

const behind = { ...healthy, file: 'failed', code: 'file_behind', message: 'Gone.' };

test('a file that is behind is no trouble: changes are in the log', () => {
  const { label, detail, tone, ways } = of({ fileState: behind });
  assert.deepEqual([label, tone, ways], ['The file is behind; changes are safe', 'hint', ['download']]);
  assert.match(detail, /changes go to the log, where they are safe.*when that server is back/);
});

test('what is on its way is not said to be safe; aloud it is the same', () => {
  const [still, typing] = [of({ fileState: behind }), of({ fileState: behind, progress: onTheWay })];
  assert.equal(typing.label, 'The file is behind; saving…');
  assert.equal(typing.aloud, still.aloud);
});

test('nothing is safe where the file is behind and the log fails', () => {
  const { detail, tone } = of({ fileState: { ...behind, log: 'failed' } });
  assert.equal(tone, 'trouble');
  assert.match(detail, /not safe yet/);
});

const late = { ...healthy, code: 'layer_failed', message: 'Late.' };

test('that others are seen late is a hint beside how the document fares', () => {
  const { label, detail, tone, ways } = of({ fileState: late });
  assert.deepEqual([label, tone, ways], ['All changes saved; others are seen late', 'hint', []]);
  assert.match(detail, /in the file\. Changes that others make come a second late/);
  assert.equal(of({ fileState: late, role: 'viewer' }).label, 'View only; others are seen late');
  assert.equal(of({ fileState: late, progress: onTheWay }).label, 'Saving…; others are seen late');
});

test('offline it does not matter how others are seen', () => {
  assert.equal(of({ phase: 'reconnecting', fileState: late }).label, 'Offline');
});
