import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { YFile, YNotebook } from '@jupyter/ydoc';
import * as Y from 'yjs';

import { swap } from './built.mjs';

const page = { name: 'the connection' };
const cell = (id, source) => ({ cell_type: 'code', id, source, metadata: {}, outputs: [], execution_count: null });
const notebook = (...cells) =>
  YNotebook.create({ data: { cells, metadata: { lang: 'py' }, nbformat: 4, nbformat_minor: 5 } });
const copy = doc => {
  const next = new Y.Doc();
  Y.applyUpdate(next, Y.encodeStateAsUpdate(doc));
  return next;
};
const sources = model => model.cells.map(c => c.getSource());

let mine, theirs;

beforeEach(() => {
  mine = notebook(cell('a', 'old a'), cell('b', 'old b'));
  mine.setState('path', 'old.ipynb');
  mine.setState('gone', 1);
  theirs = notebook(cell('b', 'new b 😀'), cell('c', 'new c'), cell('a', 'new a'));
  theirs.setState('path', 'new.ipynb');
});

afterEach(() => [mine, theirs].forEach(model => model.dispose()));

test('the model has the new content, and nothing of the old one', () => {
  const { ydoc } = mine;
  swap.swapHistory(ydoc, copy(theirs.ydoc), page);
  assert.equal(mine.ydoc, ydoc);
  assert.deepEqual(mine.toJSON(), theirs.toJSON());
  assert.deepEqual(mine.state, theirs.state);
});

test('it is the new history, byte for byte', () => {
  swap.swapHistory(mine.ydoc, copy(theirs.ydoc), page);
  assert.deepEqual(Y.encodeStateVector(mine.ydoc), Y.encodeStateVector(theirs.ydoc));
  assert.deepEqual(Y.encodeStateAsUpdate(mine.ydoc), Y.encodeStateAsUpdate(theirs.ydoc));
});

test('both sides go on from there in step', () => {
  swap.swapHistory(mine.ydoc, copy(theirs.ydoc), page);
  mine.ydoc.on('update', (update, origin) => origin !== page && Y.applyUpdate(theirs.ydoc, update, page));
  theirs.ydoc.on('update', (update, origin) => origin !== page && Y.applyUpdate(mine.ydoc, update, page));
  mine.cells[0].updateSource(0, 3, 'NEW');
  theirs.cells[0].updateSource(5, 5, '!');
  mine.insertCell(1, cell('d', 'd'));
  theirs.moveCell(0, 2);
  mine.deleteCell(0);
  assert.deepEqual(mine.toJSON(), theirs.toJSON());
  assert.deepEqual(sources(mine), sources(theirs));
});

test('who listens sees the old cells go and the new ones come, as by another person', () => {
  const shown = sources(mine);
  const origins = new Set();
  mine.ydoc.on('update', (_, origin) => origins.add(origin));
  mine.changed.connect((_, { cellsChange }) => {
    let at = 0;
    for (const change of cellsChange ?? []) {
      at += change.retain ?? 0;
      shown.splice(at, change.delete ?? 0, ...(change.insert ?? []).map(c => c.getSource()));
      at += change.insert?.length ?? 0;
    }
  });
  swap.swapHistory(mine.ydoc, copy(theirs.ydoc), page);
  assert.deepEqual(shown, sources(theirs));
  assert.deepEqual([...origins], [page]);
});

test('listeners never see a document without a path', () => {
  const paths = [];
  mine.changed.connect((_, { stateChange }) =>
    stateChange?.filter(({ name }) => name === 'path').forEach(({ newValue }) => paths.push(newValue))
  );
  swap.swapHistory(mine.ydoc, copy(theirs.ydoc), page);
  assert.deepEqual(paths, ['new.ipynb']);
});

test('undo does not reach back into the old history, and works in the new one', () => {
  mine.cells[0].updateSource(0, 0, 'x');
  mine.clearUndoHistory();
  swap.swapHistory(mine.ydoc, copy(theirs.ydoc), page);
  assert.equal(mine.canUndo(), false);
  mine.cells[0].updateSource(0, 0, 'y');
  mine.undo();
  assert.deepEqual(sources(mine), sources(theirs));
  mine.redo();
  assert.equal(mine.cells[0].getSource(), 'ynew b 😀');
});

test('a text file too, and twice', () => {
  [mine, theirs].forEach(model => model.dispose());
  const third = new YFile();
  const [file, other] = [(mine = new YFile()), (theirs = new YFile())];
  file.setSource('old text');
  other.setSource('new');
  third.setSource('newest 😀');
  const shown = [];
  file.changed.connect((_, { sourceChange }) => sourceChange && shown.push(file.getSource()));
  for (const next of [other, third]) {
    swap.swapHistory(file.ydoc, copy(next.ydoc), page);
    assert.equal(file.getSource(), next.getSource());
    file.updateSource(0, 0, '> ');
    Y.applyUpdate(next.ydoc, Y.encodeStateAsUpdate(file.ydoc));
    assert.equal(next.getSource(), file.getSource());
  }
  assert.deepEqual(shown, ['', 'new', '> new', '', 'newest 😀', '> newest 😀']);
  third.dispose();
});

test('a listener that fails does not leave a history half in place', t => {
  t.mock.method(console, 'error', () => undefined);
  mine.ydoc.getArray('cells').observe(() => {
    throw new Error('a listener');
  });
  swap.swapHistory(mine.ydoc, copy(theirs.ydoc), page);
  assert.deepEqual(Y.encodeStateAsUpdate(mine.ydoc), Y.encodeStateAsUpdate(theirs.ydoc));
  assert.equal(console.error.mock.callCount(), 2);
});

test('whoever asks hears of the new client id before anything new is there', () => {
  const [doc, next] = [new Y.Doc(), new Y.Doc()];
  doc.getText('source').insert(0, 'old');
  next.getText('source').insert(0, 'new');
  const before = doc.clientID;
  const heard = [];
  swap.swapHistory(doc, next, {}, () => heard.push([doc.clientID === before, doc.getText('source').toString()]));
  assert.deepEqual(heard, [[false, '']]);
});
