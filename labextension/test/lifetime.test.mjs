import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lifetime } from './built.mjs';

const MINUTE = 60_000;
const ENDS = 1000 * MINUTE;
const due = (left, told) => lifetime.reminder(ENDS, ENDS - left * MINUTE, told);

test('each reminder is due once', () => {
  assert.equal(due(31, null), null);
  assert.equal(due(30, null), 30);
  assert.equal(due(11, 30), null);
  assert.equal(due(10, 30), 10);
  assert.equal(due(1, 10), null);
});

test('who comes late, or whose computer slept, gets the last one alone', () => {
  assert.equal(due(5, null), 10);
  assert.equal(due(-5, 30), 10);
});

test('of an unknown end nothing is told', () => {
  assert.equal(lifetime.reminder(null, ENDS, null), null);
});

test('a server that stays says nothing', () => {
  assert.equal(lifetime.readTemporary(''), null);
  assert.equal(lifetime.readTemporary('{"host":"mybinder.org","repo":"","ends":5,"idle":600}').ends, 5);
});
