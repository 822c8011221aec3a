import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { route } from './built.mjs';

const { FRESH } = route;

let it, now;

const relay = (more = {}) => ({ url: 'wss://one', ticket: 'first', since: now, ...more });
const session = (more = {}) => ({ format: 'text', type: 'file', fileId: 'f', sessionId: 'e', relay: relay(), ...more });
const goes = () => it.next()?.url ?? 'server';

/** An attempt that comes to nothing. @returns where it went */
const fails = (code = 1006) => {
  const where = goes();
  it.lost(code);
  return where;
};

/** A connection that works for a while and is cut. @returns where it went */
const works = () => {
  const where = goes();
  it.heard();
  it.lost(1006);
  return where;
};

beforeEach(() => {
  now = 1_000_000;
  it = new route.Route(() => now);
  it.follow(session());
});

test('without a relay all goes to the server', () => {
  it = new route.Route(() => now);
  it.follow(session({ relay: undefined }));
  assert.deepEqual([fails(), works(), fails(), it.hasRelays], ['server', 'server', 'server', false]);
});

test('with a fresh ticket it is the relay, again after each cut', () => {
  assert.deepEqual([works(), works(), works()], ['wss://one', 'wss://one', 'wss://one']);
  assert.equal(it.isAtRelay, true);
});

test('what is shown at the relay is the ticket that came last', () => {
  assert.equal(it.next().ticket, 'first');
  it.heard();
  now += FRESH - 1;
  it.renew('second');
  now += FRESH - 1;
  it.lost(1006);
  assert.equal(it.next().ticket, 'second');
});

test('an old ticket is not shown', () => {
  now += FRESH;
  assert.equal(goes(), 'server');
  assert.equal(it.isAtRelay, false);
});

test('a relay that fails twice in a row is left, and then both ways take turns', () => {
  assert.deepEqual([fails(), fails(), fails(), fails(), fails(), fails()], [
    'wss://one',
    'wss://one',
    'server',
    'wss://one',
    'server',
    'wss://one'
  ]);
});

test('a relay that does not even refuse is left at once', () => {
  goes();
  now += 5_000;
  it.lost(1006);
  assert.deepEqual([fails(), goes()], ['server', 'wss://one']);
});

test('one failure of a relay that works again is forgotten', () => {
  assert.deepEqual([fails(), works(), fails(), works()], Array(4).fill('wss://one'));
});

test('a relay that is killed is left at the third attempt, and used again after the next cut', () => {
  assert.deepEqual([works(), fails(), fails(), works()], ['wss://one', 'wss://one', 'wss://one', 'server']);
  assert.deepEqual([works(), works()], ['wss://one', 'wss://one']);
});

test('a relay that lets in and says nothing has failed', () => {
  assert.deepEqual([fails(1011), fails(4500), goes()], ['wss://one', 'wss://one', 'server']);
});

test('a ticket that the relay finds too old is not shown again', () => {
  assert.deepEqual([fails(4501), fails(), works(), it.hasRelays], ['wss://one', 'server', 'server', true]);
  it.learn(relay({ ticket: 'new' }));
  assert.equal(it.next().ticket, 'new');
});

test('a relay that does not take the ticket is left until there is another ticket', () => {
  for (const code of [4401, 4403]) {
    assert.deepEqual([fails(code), works(), works(), it.hasRelays], ['wss://one', 'server', 'server', true]);
    it.learn(relay({ ticket: 'new' }));
  }
  assert.equal(it.next().ticket, 'new');
});

test('a Jupyter server that refuses says nothing about the relay', () => {
  assert.deepEqual([fails(), fails(), fails(4401), goes()], ['wss://one', 'wss://one', 'server', 'wss://one']);
});

test('another address takes the place of the old one', () => {
  it.learn(relay({ url: 'wss://two' }));
  assert.equal(works(), 'wss://two');
  it.follow(session({ relay: relay({ url: 'wss://three' }) }));
  assert.equal(works(), 'wss://three');
});

test('a relay that the server does not name any more is forgotten', () => {
  it.learn(undefined);
  assert.deepEqual([goes(), it.hasRelays], ['server', false]);
});

test('a ticket is for one history only', () => {
  it.follow(session({ sessionId: 'other', relay: undefined }));
  assert.deepEqual([goes(), it.hasRelays], ['server', true]);
});

test('the same history goes on with the ticket that it has', () => {
  it.next();
  it.renew('second');
  it.follow(session({ relay: undefined }));
  assert.equal(it.next().ticket, 'second');
});
