import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import * as Y from 'yjs';

import { holding } from './built.mjs';

const server = {};
let doc, other, it, frames;

/** The page as the provider makes it: every change is told, those made here are sent. */
beforeEach(() => {
  doc = new Y.Doc();
  other = new Y.Doc();
  it = new holding.Holding(doc);
  frames = 0;
  doc.on('update', (update, origin) => (origin === server ? it.came(update) : it.made(update)));
  other.on('update', update => Y.applyUpdate(doc, update, server));
});

const write = (into, text) => into.getText('source').insert(into.getText('source').length, text);
const send = () => it.sent(++frames);
const type = text => {
  write(doc, text);
  send();
};
const text = (...updates) => {
  const made = new Y.Doc();
  updates.filter(update => update.length).forEach(update => Y.applyUpdate(made, update));
  return made.getText('source').toString();
};
const base = () => text(it.held().base);
const all = () => text(it.held().base, it.held().mine);

test('without a word about the file nothing is known, and all of it is held', () => {
  write(other, 'x');
  type('y');
  assert.equal(it.held().base.length, 0);
  assert.equal(all(), 'xy');
});

test('what came before the snapshot, and own frames that it has, are the base', () => {
  write(other, 'x');
  type('a');
  type('b');
  it.saving(1, 1);
  write(other, 'y');
  assert.equal(base(), '');
  it.saved(1);
  assert.equal(base(), 'xa');
  assert.equal(all(), doc.getText('source').toString());
  assert.equal(it.filed, false);
});

test('on top of what the server has there are only changes made here that it is not known to have logged', () => {
  write(other, 'x');
  type('a');
  type('b');
  write(other, 'y');
  const { base, mine, logged } = it.heldOnTop(1);
  // The two did not know of each other's letters: Yjs orders these by the documents' random numbers.
  assert.equal([...text(base, logged)].sort().join(''), 'axy');
  assert.equal(text(base, mine), doc.getText('source').toString());
  assert.equal(text(base), '', 'of the file nothing is known all the same');
});

test('on a new socket own changes are unknown to the server until it says otherwise, and those of others are not', () => {
  write(other, 'x');
  type('a');
  it.reconnected();
  assert.equal(text(it.heldOnTop(0).logged), 'x');
  it.sent(1);
  assert.equal(text(it.heldOnTop(1).logged), 'xa');
});

test('the document as it came is the base as soon as it is known to be in the file', () => {
  write(other, 'x');
  it.saving(1, 0);
  it.saved(1);
  assert.equal(base(), 'x');
  assert.equal(it.filed, true);
});

test('a snapshot that never got to the file moves nothing; a later one has it all', () => {
  type('a');
  it.saving(1, 1);
  type('b');
  it.saving(2, 2);
  it.saved(2);
  it.saved(1);
  it.saved(7);
  assert.equal(base(), 'ab');
  assert.equal(it.filed, true);
});

test('after a reconnect nothing counts before our first frame is there', () => {
  write(other, 'x');
  it.saving(1, 0);
  it.saved(1);
  type('a');
  write(other, 'y');
  it.reconnected();
  write(doc, 'b');
  frames = 0;
  it.saving(2, 0);
  it.saved(2);
  assert.equal(base(), 'x');
  send();
  type('c');
  it.saving(3, 1);
  it.saved(3);
  assert.equal(base(), doc.getText('source').toString().replace('c', ''));
});

test('a snapshot of the old socket does not count on the new one', () => {
  type('a');
  it.saving(1, 1);
  it.reconnected();
  it.saved(1);
  assert.equal(it.filed, false);
});

test('what was carried over is the base of what comes on top', () => {
  type('a');
  const handed = it.held();
  write(doc, 'b');
  it.carried(handed);
  assert.equal(base(), 'a');
  assert.equal(all(), 'ab');
});

test('hours without a save stay bounded, and lose nothing', () => {
  write(other, 'x');
  it.saving(1, 0);
  it.saved(1);
  for (let i = 0; i < 3000; i += 1) {
    doc.getText('source').insert(1, 'some output');
    doc.getText('source').delete(1, 11);
    send();
  }
  type('end');
  assert.ok(it.held().mine.length < 60_000, it.held().mine.length);
  assert.equal(base(), 'x');
  assert.equal(all(), 'xend');
  it.saving(2, frames);
  it.saved(2);
  assert.equal(base(), 'xend');
  assert.equal(it.filed, true);
});
