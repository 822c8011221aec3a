import assert from 'node:assert/strict';
import { test } from 'node:test';

import { protocol } from './built.mjs';

const bytes = (...values) => Uint8Array.from(values);
const raw = text => {
  const body = new TextEncoder().encode(text);
  return bytes(2, body.length, ...body);
};

test('document frames are those of y-websocket', () => {
  assert.deepEqual(protocol.step1(bytes(0)), bytes(0, 0, 1, 0));
  assert.deepEqual(protocol.step2(bytes(0, 0)), bytes(0, 1, 2, 0, 0));
  assert.deepEqual(protocol.update(bytes(7, 8)), bytes(0, 2, 2, 7, 8));
  assert.deepEqual(protocol.awareness(bytes(9)), bytes(1, 1, 9));
});

test('a save request is the word and the id', () => {
  assert.deepEqual(protocol.save(300), bytes(2, 4, 0x73, 0x61, 0x76, 0x65, 0xac, 0x02));
});

test('what is written is read back', () => {
  assert.deepEqual(protocol.read(protocol.step1(bytes(5))), { kind: 'step1', stateVector: bytes(5) });
  assert.deepEqual(protocol.read(protocol.step2(bytes(5))), { kind: 'update', update: bytes(5), answer: true });
  assert.deepEqual(protocol.read(protocol.update(bytes(5))), { kind: 'update', update: bytes(5), answer: false });
  assert.deepEqual(protocol.read(protocol.awareness(bytes(5))), { kind: 'awareness', update: bytes(5) });
  assert.deepEqual(protocol.read(bytes(3)), { kind: 'query' });
});

test('a large frame has a length of several bytes', () => {
  const update = new Uint8Array(70_000).fill(1);
  assert.deepEqual(protocol.read(protocol.update(update)).update, update);
});

test('a notice is read', () => {
  const notice = { type: 'ack', received: 3, logged: 2, saved: 1 };
  assert.deepEqual(protocol.read(raw(JSON.stringify(notice))), { kind: 'notice', notice });
});

test('a ticket is read', () => {
  const notice = { type: 'ticket', ticket: 'a.b-c_d' };
  assert.deepEqual(protocol.read(raw(JSON.stringify(notice))), { kind: 'notice', notice });
});

test('what a newer server may say is passed over', () => {
  assert.equal(protocol.read(bytes(99, 1, 1)), undefined);
  assert.equal(protocol.read(bytes(0, 7, 0)), undefined);
  assert.equal(protocol.read(raw('{"type":"weather"}')), undefined);
});

test('a broken frame is an error', () => {
  assert.throws(() => protocol.read(bytes(0, 2, 9, 1)));
  assert.throws(() => protocol.read(raw('{')));
});
