import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compare, when } from './built.mjs';

const cell = (source, id, more = {}) => ({ id, cell_type: 'code', source, metadata: {}, outputs: [], ...more });

const told = (before, after) =>
  compare.pair(before, after).map(({ kind, from, to }) => [kind, from ?? null, to ?? null]);

test('cells of one id are one, whatever is in them', () => {
  const before = [cell('a', '1'), cell('b', '2'), cell('c', '3')];
  const after = [cell('a', '1'), cell('B!', '2'), cell('d', '4'), cell('c', '3')];
  assert.deepEqual(told(before, after), [['same', 0, 0], ['changed', 1, 1], ['added', null, 2], ['same', 2, 3]]);
  assert.deepEqual(told(after, before), [['same', 0, 0], ['changed', 1, 1], ['removed', 2, null], ['same', 3, 2]]);
});

test('cells without ids are known by what is in them, also where there are several', () => {
  const before = ['x', 'x', 'y'].map(source => cell(source));
  const after = ['x', 'y', 'z'].map((source, n) => cell(source, `new ${n}`));
  assert.deepEqual(told(before, after), [['same', 0, 0], ['removed', 1, null], ['same', 2, 1], ['added', null, 2]]);
});

test('a cell that was moved is shown once, with what was changed in it', () => {
  const before = [cell('a', '1'), cell('b', '2'), cell('c', '3')];
  const after = [cell('c', '3'), cell('a', '1'), cell('b', '2')];
  const pairs = compare.pair(before, after);
  assert.deepEqual(pairs.map(({ kind }) => kind).sort(), ['moved', 'same', 'same']);
  const { from, to, before: was, after: is } = pairs.find(({ kind }) => kind === 'moved');
  assert.deepEqual([from, to, was, is], [2, 0, before[2], after[0]]);
});

test('outputs, type and metadata count, trust does not', () => {
  const printed = [{ output_type: 'stream', name: 'stdout', text: ['1\n', '2\n'] }];
  assert.deepEqual(told([cell('a', '1')], [cell('a', '1', { outputs: printed })]), [['changed', 0, 0]]);
  assert.deepEqual(told([cell('a', '1')], [cell('a', '1', { metadata: { tags: ['x'] } })]), [['changed', 0, 0]]);
  assert.deepEqual(told([cell('a', '1')], [cell('a', '1', { metadata: { trusted: true } })]), [['same', 0, 0]]);
  assert.deepEqual(told([cell('a\nb', '1')], [cell(['a\n', 'b'], '1')]), [['same', 0, 0]]);
});

test('two images of one size are two', () => {
  const image = data => [{ output_type: 'display_data', data: { 'image/png': data, 'text/plain': 'Figure' } }];
  const [one, other] = [image('AAAA'), image('AAAB')].map(outputs => compare.outputsOf(cell('', '1', { outputs })));
  assert.match(one, /^Figure\n<image\/png, 4 B, .+>$/);
  assert.notEqual(one, other);
});

test('a large notebook is compared, and nothing is lost on the way', () => {
  const before = Array.from({ length: 2000 }, (_, n) => cell(`${n}`, `id-${n}`));
  const after = [...before.slice(500), cell('new', 'new'), ...before.slice(0, 300)];
  const pairs = compare.pair(before, after);
  const places = name => pairs.map(each => each[name]).filter(place => place !== undefined).sort((a, b) => a - b);
  assert.deepEqual(places('to'), after.map((_, n) => n));
  assert.deepEqual(places('from'), before.map((_, n) => n));
});

test('versions are grouped by day, and days are counted by the calendar', () => {
  const at = (...time) => ({ at: new Date(2026, 10, ...time).getTime() / 1000 });
  const all = [at(26, 9), at(26, 0, 1), at(25, 23, 59), at(1, 12)];
  assert.deepEqual(when.byDay(all).map(day => day.length), [2, 1, 1]);
  const now = new Date(2026, 10, 26, 10);
  assert.deepEqual(all.map(one => when.daysAgo(one.at, now)), [0, 0, 1, 25]);
  assert.deepEqual(when.byDay([]), []);
});
