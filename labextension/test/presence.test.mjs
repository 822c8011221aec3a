import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { presence } from './built.mjs';

const require = createRequire(import.meta.url);
const { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } = require('y-protocols/awareness');
const Y = require('yjs');

const nobody = { ready: Promise.resolve(), identity: {}, userChanged: { connect() {}, disconnect() {} } };
let mine, others, it;

beforeEach(() => {
  mine = new Awareness(new Y.Doc());
  others = new Awareness(new Y.Doc());
  others.setLocalState({ user: { name: 'Ada' } });
  it = new presence.Presence(mine, nobody, () => undefined);
});

afterEach(() => {
  it.dispose();
  mine.destroy();
  others.destroy();
});

test('who is still here after a reconnect is seen with the first word about them', () => {
  const word = encodeAwarenessUpdate(others, [others.clientID]);
  it.apply(word);
  it.forgetOthers();
  assert.deepEqual([...mine.getStates().keys()], [mine.clientID]);
  it.apply(word); // the same clock
  assert.deepEqual(mine.getStates().get(others.clientID), { user: { name: 'Ada' } });
});

test('our own state and clock stay when the others are forgotten', () => {
  const { clock } = mine.meta.get(mine.clientID);
  it.forgetOthers();
  assert.equal(mine.meta.get(mine.clientID).clock, clock);
  assert.notEqual(mine.getLocalState(), null);
});

test('a document with another client id is here under that one, and was never here twice', () => {
  const told = [];
  it.dispose();
  it = new presence.Presence(mine, nobody, word => told.push(word));
  it.me = { username: 'bob', color: 'red' };
  const before = mine.clientID;
  mine.doc.clientID = before + 1;
  it.rename();
  const seen = new Awareness(new Y.Doc());
  told.forEach(word => applyAwarenessUpdate(seen, word, null));
  assert.deepEqual([seen.states.has(before), seen.states.get(before + 1).user.username], [false, 'bob']);
  assert.equal(mine.clientID, mine.doc.clientID);
  seen.destroy();
});

test('the page asks who it is until it has heard of the new name, and no longer', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  let asked = 0;
  const user = {
    ...nobody,
    identity: { display_name: 'Anonymous Io' },
    refreshUser: async () => {
      asked += 1;
      if (asked === 2) {
        user.identity = { display_name: 'Ada' }; // the cookie is there by now
      }
    }
  };
  const renamed = new presence.Presence(mine, user, () => undefined);
  renamed.renamed({ username: 'u', display_name: 'Ada' });
  assert.equal(mine.getLocalState().user.display_name, 'Ada');
  assert.equal(asked, 0);
  for (let second = 0; second < 30; second++) {
    mock.timers.tick(1000);
    for (let turn = 0; turn < 10; turn++) {
      await Promise.resolve();
    }
  }
  assert.equal(asked, 2);
  renamed.dispose();
  mock.timers.reset();
});
