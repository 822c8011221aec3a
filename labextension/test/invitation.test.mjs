import assert from 'node:assert/strict';
import { test } from 'node:test';

import { invitation } from './built.mjs';

const here = 'https://hub.example.org/user/x-1/lab/workspaces/mine/tree/old.ipynb?token=mine&reset#cell';
const lab = '/user/x-1/lab/tree/a%20folder/b.ipynb';
const place = { here, lab, hasOwnPage: false };

test('the link leads to the document, with the token of the server', () => {
  assert.equal(
    invitation.invitation(place, 'a&b'),
    'https://hub.example.org/user/x-1/lab/tree/a%20folder/b.ipynb?token=a%26b'
  );
});

test('without a token nothing of what the page was opened with is passed on', () => {
  assert.equal(invitation.invitation(place, ''), 'https://hub.example.org/user/x-1/lab/tree/a%20folder/b.ipynb');
});

test('where each document has its own page the link leads to that', () => {
  const own = { ...place, here: 'https://x.org/notebooks/a.ipynb?token=1&factory=Notebook', hasOwnPage: true };
  assert.equal(invitation.invitation(own, 't'), 'https://x.org/notebooks/a.ipynb?token=t');
});

test('on the screen there is no token', () => {
  assert.equal(invitation.masked('https://x.org/lab?token=secret'), 'https://x.org/lab?token=…');
  assert.equal(invitation.masked('https://x.org/lab'), 'https://x.org/lab');
});
