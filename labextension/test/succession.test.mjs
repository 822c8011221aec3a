import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import * as Y from 'yjs';

import { ledger, succession } from './built.mjs';

const origin = { name: 'the connection' };
const text = doc => doc.getText('source').toString();
const write = (doc, more) => doc.getText('source').insert(doc.getText('source').length, more);

let doc, server, it, told, answer, role;

/** A page whose document the server has in another history, and where the server adds what is handed in. */
beforeEach(() => {
  doc = new Y.Doc();
  server = new Y.Doc();
  told = [];
  role = 'writer';
  answer = { sessionId: 'new', outcome: 'rebased', changed: 1, conflicts: [], copy: null };
  const kept = new ledger.Ledger(doc);
  doc.on('update', (update, from, _, transaction) => (from === origin ? kept.came(update) : kept.made(update, transaction)));
  Y.transact(doc, () => write(doc, 'start '), origin);
  kept.hear({ type: 'saving', save: 1, received: 0 });
  kept.hear({ type: 'saved', save: 1 });
  write(server, 'start ');
  it = new succession.Succession(doc, kept, origin, 'old', {
    isWriter: () => role === 'writer',
    holdsMore: () => role === 'writer' && kept.holdsMore,
    handIn: async (epoch, { base, mine }) => {
      const [before, after] = [[base], [base, mine]].map(parts => {
        const made = new Y.Doc();
        parts.forEach(part => Y.applyUpdate(made, part));
        return text(made);
      });
      told.push(`${epoch}: ${after.slice(before.length)}`);
      write(server, after.slice(before.length));
      return answer;
    },
    persist: async step => {
      await step();
      return true;
    },
    ask: () => fetch(),
    replace: work => work(),
    renamed: () => undefined,
    brought: ({ from, changed }) => told.push(`${from} ${changed}`)
  });
});

const fetch = () => {
  it.add(Y.encodeStateAsUpdate(server, it.stateVector));
  it.complete();
};

test('what was typed is handed in, and the other history takes the place of the old one', async () => {
  write(doc, 'typed ');
  it.goOnWith(await it.handOver());
  assert.equal(it.underWay, true);
  fetch();
  assert.equal(text(doc), 'start typed ');
  assert.deepEqual(Y.encodeStateAsUpdate(doc), Y.encodeStateAsUpdate(server));
  assert.deepEqual(told, ['old: typed ', 'history 1']);
  assert.deepEqual([it.underWay, it.epoch], [false, 'new']);
});

test('what is typed while the other history is fetched is handed in too, once, before it takes the place', async () => {
  write(doc, 'one ');
  it.goOnWith(await it.handOver());
  write(doc, 'two ');
  fetch();
  assert.equal(it.underWay, true);
  assert.equal(text(doc), 'start one two ');
  await new Promise(setImmediate);
  assert.equal(it.underWay, false);
  assert.equal(text(doc), 'start one two ');
  assert.deepEqual(told, ['old: one ', 'old: two ', 'history 2']);
});

test('a history that the server adopts stays as it is', async () => {
  answer = { ...answer, sessionId: 'old', outcome: 'adopted' };
  write(doc, 'typed ');
  it.goOnWith(await it.handOver());
  assert.deepEqual([it.underWay, it.epoch], [false, 'old']);
  assert.deepEqual(told, ['old: typed ']);
});

test('a viewer hands in nothing', () => {
  role = 'viewer';
  it.goOnWith('new');
  write(server, 'theirs');
  fetch();
  assert.equal(text(doc), 'start theirs');
  assert.deepEqual(told, ['history 0']);
});

test('a history that is gone is not handed in: the next one takes its place', () => {
  it.giveUp();
  it.goOnWith('new');
  fetch();
  assert.equal(text(doc), 'start ');
  assert.deepEqual([told, it.epoch, it.isOver], [['history 0'], 'new', false]);
});
