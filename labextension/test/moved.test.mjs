import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { YNotebook } from '@jupyter/ydoc';
import * as Y from 'yjs';

import { moved } from './built.mjs';

const cell = id => ({ cell_type: 'code', id, source: id, metadata: {}, outputs: [], execution_count: null });
const server = {};
let mine, theirs, it;

beforeEach(() => {
  theirs = YNotebook.create({ data: { cells: ['a', 'b', 'c'].map(cell), metadata: {}, nbformat: 4, nbformat_minor: 5 } });
  mine = new YNotebook();
  it = new moved.Touched(mine.ydoc);
  Y.applyUpdate(mine.ydoc, Y.encodeStateAsUpdate(theirs.ydoc), server);
  theirs.ydoc.on('update', update => Y.applyUpdate(mine.ydoc, update, server));
  mine.ydoc.on('update', (_update, origin, _doc, transaction) => origin !== server && it.made(transaction));
});

afterEach(() => [mine, theirs].forEach(model => model.dispose()));

test('a cell that is moved while one types in it is replaced, which is told once', () => {
  mine.cells[1].updateSource(0, 0, 'typed ');
  assert.equal(it.replaced(), false);
  theirs.moveCell(1, 0);
  assert.equal(it.replaced(), true);
  assert.equal(it.replaced(), false);
});

test('an output or metadata is a change of the cell too', () => {
  mine.cells[1].setOutputs([{ output_type: 'stream', name: 'stdout', text: 'x' }]);
  theirs.moveCell(1, 0);
  assert.equal(it.replaced(), true);
});

test('other cells may move, and one that is deleted is gone', () => {
  mine.cells[1].updateSource(0, 0, 'typed ');
  theirs.moveCell(2, 0);
  assert.equal(it.replaced(), false);
  theirs.deleteCell(2);
  assert.equal(mine.cells.length, 2);
  assert.equal(it.replaced(), false);
});

test('what is safe, or moved by oneself, is not told', () => {
  mine.cells[1].updateSource(0, 0, 'typed ');
  mine.moveCell(1, 0);
  assert.equal(it.replaced(), false);
  mine.cells[2].updateSource(0, 0, 'typed ');
  it.clear();
  theirs.moveCell(2, 0);
  assert.equal(it.replaced(), false);
});
