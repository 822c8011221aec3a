import assert from 'node:assert/strict';
import { test } from 'node:test';

import { closing } from './built.mjs';

const { isFinalAnswer, isRefusal, verdict } = closing;

test('a cut, a restart and an overload pass: come back', () => {
  for (const code of [1000, 1001, 1006, 1011, 1012, 1013]) {
    assert.equal(verdict(code, '', true), undefined);
    assert.equal(verdict(code, '', false), undefined);
  }
});

test('4400 to 4499 mean: do not come back', () => {
  for (const code of [4400, 4403, 4404, 4499]) {
    assert.equal(verdict(code, '', true).final, true);
  }
  assert.equal(verdict(4399, '', true), undefined);
  assert.equal(verdict(4501, '', true), undefined);
});

test('the reason is the code and the sentence of the server', () => {
  const problem = verdict(4404, '{"code": "file_missing", "message": "The file is gone."}', false);
  assert.deepEqual([problem.code, problem.message], ['file_missing', 'The file is gone.']);
});

test('a reason that is no JSON, or no object, is no obstacle', () => {
  assert.equal(verdict(4400, 'Error initializing: a.txt.', false).message, 'Error initializing: a.txt.');
  for (const reason of ['', 'null', '3', '{']) {
    assert.ok(verdict(4400, reason, false).message);
  }
});

test('what cannot be opened the first time is told; later it is tried again', () => {
  assert.equal(verdict(4500, '', false).final, true);
  assert.equal(verdict(4500, '', true), undefined);
});

test('an HTTP error of our server at the first opening is told; a starting server or a proxy is asked again', () => {
  for (const [status, code] of [[403, undefined], [404, 'file_missing'], [500, 'could_not_open'], [503, 'not_started']]) {
    assert.equal(isFinalAnswer(status, code), true, code);
  }
  for (const [status, code] of [[503, 'not_ready'], [503, 'restarting'], [502, undefined], [503, 503]]) {
    assert.equal(isFinalAnswer(status, code), false, code);
  }
});

test('of a document that is here, a refusal is what our server says, or what anybody would say again', () => {
  for (const [status, code] of [[404, 'file_missing'], [409, 'open_otherwise'], [403, undefined], [413, undefined]]) {
    assert.equal(isRefusal(status, code), true, status);
  }
  for (const [status, code] of [[500, 'server_error'], [503, 'not_started'], [404, undefined], [424, undefined], [429, 1]]) {
    assert.equal(isRefusal(status, code), false, status);
  }
});
