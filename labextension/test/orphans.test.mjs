import assert from 'node:assert/strict';
import { test } from 'node:test';

import { orphans as module } from './built.mjs';

const { orphans } = module;

const running = [
  { cell: 'a', url: '/a' },
  { cell: 'b', url: '/b' }
];

test('executions that a page looks after are no orphans', () => {
  assert.deepEqual(orphans(running, [{ running: ['a'] }, {}]), [running[1]]);
  assert.deepEqual(orphans(running, [{ running: ['a'] }, { running: ['b', 'c'] }]), []);
});

test('all are when nobody says anything, or nothing of use', () => {
  assert.deepEqual(orphans(running, []), running);
  assert.deepEqual(orphans(running, [{ running: 'ab' }, { running: null }]), running);
});
