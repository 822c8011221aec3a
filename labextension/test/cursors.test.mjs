import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cursors } from './built.mjs';

const { withCursor, withCursors } = cursors;

const place = clock => ({ type: null, tname: 'source', item: { client: 1, clock }, assoc: 0 });

test('a JupyterLab selection is told in the words of other editors, by its main cursor', () => {
  const second = { anchor: place(1), head: place(2), primary: false, empty: false };
  const main = { anchor: place(3), head: place(4), primary: true, empty: false };
  const told = withCursor({ user: { name: 'Ada' }, cursors: [second, main] });
  assert.deepEqual(told.cursor, { anchor: place(3), head: place(4) });
  assert.deepEqual(told.cursors, [second, main]);
  assert.deepEqual(told.user, { name: 'Ada' });
});

test('who has no cursor any more has none elsewhere', () => {
  assert.equal(withCursor({ cursors: [] }).cursor, null);
});

test('a cursor of another editor is one of JupyterLab', () => {
  const { cursors } = withCursors({ cursor: { anchor: place(1), head: place(1) } });
  assert.deepEqual(cursors, [{ anchor: place(1), head: place(1), primary: true, empty: true }]);
  assert.equal(withCursors({ cursor: { anchor: place(1), head: place(2) } }).cursors[0].empty, false);
});

test('what says it itself is left alone, and so is who says nothing', () => {
  const both = { cursors: [], cursor: { anchor: place(1), head: place(1) } };
  assert.equal(withCursors(both), both);
  for (const state of [null, {}, { cursor: null }, { cursor: 7 }, { cursor: { anchor: place(1) } }]) {
    assert.equal(withCursors(state), state);
    assert.equal(withCursor(state), state);
  }
});
