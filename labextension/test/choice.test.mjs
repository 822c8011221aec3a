import assert from 'node:assert/strict';
import { test } from 'node:test';

import { choice } from './built.mjs';

const after = (text, conflict, which) => {
  const edit = choice.choose(text, { cell: 'a', line: 1, theirs: '', mine: '', ...conflict }, which);
  return edit && text.slice(0, edit.start) + edit.text + text.slice(edit.end);
};

test('one of two versions goes, the rest of the text stays', () => {
  const text = 'above\nx = 1\nx = 2\nbelow';
  const conflict = { line: 2, theirs: 'x = 1', mine: 'x = 2' };
  assert.equal(after(text, conflict, 'mine'), 'above\nx = 2\nbelow');
  assert.equal(after(text, conflict, 'theirs'), 'above\nx = 1\nbelow');
});

test('at the end of the text no line break is left over', () => {
  const conflict = { line: 1, theirs: 'a\nb', mine: 'c\n' };
  assert.equal(after('a\nb\nc', conflict, 'theirs'), 'a\nb');
  assert.equal(after('a\nb\nc', conflict, 'mine'), 'c');
  assert.equal(after('a\nb\nc\n', conflict, 'theirs'), 'a\nb\n');
});

test('the pair nearest to the line that was told is meant', () => {
  const text = 'a\nb\n\n\na\nb';
  assert.equal(after(text, { line: 4, theirs: 'a', mine: 'b' }, 'mine'), 'a\nb\n\n\nb');
  assert.equal(after(text, { line: 2, theirs: 'a', mine: 'b' }, 'mine'), 'b\n\n\na\nb');
});

test('where one side deleted, the other version stays or goes', () => {
  assert.equal(after('a\nkept\nb', { line: 2, theirs: 'kept' }, 'theirs'), 'a\nkept\nb');
  assert.equal(after('a\nkept\nb', { line: 2, theirs: 'kept' }, 'mine'), 'a\nb');
  assert.equal(after('kept', { theirs: 'kept' }, 'mine'), '');
});

test('what somebody has changed since is left alone', () => {
  assert.equal(after('x = 1\nx = 3', { theirs: 'x = 1', mine: 'x = 2' }, 'mine'), undefined);
  assert.equal(after('x', {}, 'mine'), undefined);
});
