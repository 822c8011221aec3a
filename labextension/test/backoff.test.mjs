import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backoff } from './built.mjs';

const { LONGEST, SHORTEST, pause } = backoff;

test('pauses stay within their bounds', () => {
  for (let attempt = 0; attempt < 2000; attempt += 1) {
    assert.ok(pause(attempt, 0) >= SHORTEST);
    assert.ok(pause(attempt, 0.999) <= LONGEST);
  }
});

test('the first attempt comes almost at once, later ones seldom', () => {
  assert.ok(pause(0, 0.999) <= 130);
  assert.ok(pause(100, 0.999) > 0.9 * LONGEST);
});

test('no pause is longer than the outage has been', () => {
  let outage = SHORTEST;
  for (let attempt = 0; attempt < 15; attempt += 1) {
    assert.ok(pause(attempt, 0.999) <= outage + SHORTEST, `attempt ${attempt}`);
    outage += pause(attempt, 0.5);
  }
});

test('jitter spreads those who were cut off together', () => {
  const pauses = new Set(Array.from({ length: 30 }, () => pause(20)));
  assert.ok(pauses.size > 25);
});
