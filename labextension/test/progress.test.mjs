import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { progress } from './built.mjs';

const ack = (logged, saved = 0) => ({ type: 'ack', received: logged, logged, saved });
let it;

beforeEach(() => {
  it = new progress.Progress();
  it.sent(); // the empty step 2 of a fresh document
});

const change = () => {
  it.made();
  it.sent();
};

test('nothing was made, so nothing is missing', () => {
  assert.equal(it.unconfirmed, 0);
  assert.equal(it.saved, true);
});

test('a change is unconfirmed until logged, and unsaved until in the file', () => {
  change();
  assert.deepEqual([it.unconfirmed, it.saved], [1, false]);
  it.acknowledged(ack(2, 1));
  assert.deepEqual([it.unconfirmed, it.saved], [0, false]);
  it.acknowledged(ack(2, 2));
  assert.deepEqual([it.unconfirmed, it.saved], [0, true]);
});

test('acknowledgements may skip and repeat', () => {
  for (let i = 0; i < 5; i += 1) change();
  it.acknowledged(ack(4, 3));
  assert.equal(it.unconfirmed, 2);
  it.acknowledged(ack(4, 3));
  it.acknowledged(ack(6, 6));
  assert.deepEqual([it.unconfirmed, it.saved], [0, true]);
});

test('changes made while cut off are carried by the first frame of the next socket', () => {
  change();
  it.made();
  it.made();
  assert.equal(it.unconfirmed, 3);
  it.reconnected();
  it.sent();
  assert.equal(it.unconfirmed, 3);
  it.acknowledged(ack(1, 1));
  assert.deepEqual([it.unconfirmed, it.saved], [0, true]);
});

test('an acknowledgement of the old socket does not count on the new one', () => {
  change();
  it.acknowledged(ack(2, 2));
  it.made();
  it.reconnected();
  it.acknowledged(ack(0, 0));
  assert.equal(it.unconfirmed, 1);
});
