import assert from 'node:assert/strict';
import { test } from 'node:test';

import { offsets } from './built.mjs';

const { follow } = offsets;

test('an offset stays where nothing before it changed', () => {
  assert.equal(follow(3, 'abcdef', 'abcdef'), 3);
  assert.equal(follow(3, 'abcdef', 'abcXYZ'), 3);
});

test('it goes along with what is behind it', () => {
  assert.equal(follow(3, 'abcdef', 'new abcdef'), 7);
  assert.equal(follow(6, 'abcdef', 'def'), 3);
});

test('inside of what changed it goes to the beginning of that', () => {
  assert.equal(follow(3, 'a old b', 'a newer b'), 2);
  assert.equal(follow(3, 'aaa', 'aa'), 2);
  assert.equal(follow(2, 'old', ''), 0);
});
