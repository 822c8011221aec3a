import assert from 'node:assert/strict';
import { test } from 'node:test';

import { people } from './built.mjs';

const user = (username, display_name, more = {}) => ({ user: { username, display_name, ...more } });

test('oneself first, the others by name', () => {
  const states = new Map([[3, user('z', 'Zoe')], [1, user('m', 'Mia')], [2, user('a', 'Ada')]]);
  const here = people.people(states, 1);
  assert.deepEqual(here.map(person => person.name), ['Mia', 'Ada', 'Zoe']);
  assert.deepEqual(here.map(person => person.self), [true, false, false]);
});

test('somebody in two tabs is one person', () => {
  const states = new Map([[1, user('m', 'Mia')], [2, user('m', 'Mia')], [3, user('a', 'Ada')]]);
  assert.deepEqual(people.people(states, 2).map(person => [person.name, person.self]), [['Mia', true], ['Ada', false]]);
});

test('who has not introduced themselves, or is a program without a name, is not shown', () => {
  const states = new Map([[1, user('m', 'Mia')], [2, {}], [3, { user: { agent: 'robot' } }]]);
  assert.equal(people.people(states, 1).length, 1);
});

test('initials are made up where they are missing, also of an emoji', () => {
  const of = name => people.people(new Map([[1, user('x', name)]]), 1)[0].initials;
  assert.equal(of('ada lovelace king'), 'AL');
  assert.equal(of('😀 smile'), '😀S');
  assert.equal(of(''), 'X');
});
