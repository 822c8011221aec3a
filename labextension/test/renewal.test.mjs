import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { renewal } from './built.mjs';

const { EVERY, SPREAD } = renewal;
const session = { format: 'text', type: 'file', fileId: 'f', sessionId: 'e' };
const relay = { url: 'wss://one', ticket: 'new', since: 0 };

let it, answer, asked, learnt;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  [asked, learnt] = [0, []];
  answer = async () => ({ ...session, relay });
  const ask = () => {
    asked += 1;
    return answer();
  };
  it = new renewal.Renewal({ learn: told => learnt.push(told) }, ask);
});

afterEach(() => {
  it.end();
  mock.timers.reset();
});

const after = async milliseconds => {
  mock.timers.tick(milliseconds);
  await new Promise(setImmediate);
};

test('a ticket is asked for soon, and then again and again', async () => {
  it.begin(session);
  await after(SPREAD);
  assert.deepEqual(learnt, [relay]);
  await after(EVERY);
  await after(EVERY);
  assert.equal(asked, 3);
});

test('it ends when it is told to', async () => {
  it.begin(session);
  it.end();
  await after(SPREAD + EVERY);
  assert.equal(asked, 0);
});

test('what is answered after the end is not heard', async () => {
  it.begin(session);
  mock.timers.tick(SPREAD);
  it.end();
  await after(0);
  assert.deepEqual([asked, learnt], [1, []]);
});

test('no answer is no answer: it is asked again', async () => {
  answer = async () => {
    throw new Error('nobody there');
  };
  it.begin(session);
  await after(SPREAD);
  answer = async () => ({ ...session, relay });
  await after(EVERY);
  assert.deepEqual([asked, learnt], [2, [relay]]);
});

test('a ticket for another file, or another history, is not ours', async () => {
  for (const other of [{ fileId: 'g' }, { sessionId: 'later' }]) {
    answer = async () => ({ ...session, relay, ...other });
    it.begin(session);
    await after(SPREAD);
  }
  assert.deepEqual([asked, learnt], [2, []]);
});

test('a server without relays is not asked again', async () => {
  answer = async () => session;
  it.begin(session);
  await after(SPREAD);
  await after(EVERY);
  assert.deepEqual([asked, learnt], [1, [undefined]]);
});
