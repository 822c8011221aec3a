import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import { saves } from './built.mjs';

let it;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
  it = new saves.SaveRequests();
});

const sent = () => true;
const reply = (responseTo, status, more = {}) => it.answered({ type: 'save', responseTo, status, ...more });

test('each request gets its own answer', async () => {
  const [first, second, third] = [it.request(sent), it.request(sent), it.request(sent)];
  reply(2, 'failed', { code: 'disk_full', message: 'The disk is full.' });
  reply(1, 'success');
  reply(3, 'skipped');
  await first;
  await assert.rejects(second, { code: 'disk_full', message: 'The disk is full.' });
  await third;
});

test('without a connection it fails at once, and when the connection goes', async () => {
  await assert.rejects(it.request(() => false), { code: 'disconnected' });
  const waiting = it.request(sent);
  it.abandon();
  await assert.rejects(waiting, { code: 'disconnected' });
});

test('a request that is never answered fails in the end; a late answer is no obstacle', async () => {
  const dropped = it.request(sent);
  mock.timers.tick(60_000);
  await assert.rejects(dropped, { code: 'no_answer' });
  reply(1, 'success');
});
