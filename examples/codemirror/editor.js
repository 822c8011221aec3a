// A plain page that edits a text file together with JupyterLab: CodeMirror, bound to Yjs, connected by y-websocket.
// It is opened as {server}/static/editor.html?path=FILE, with &token=… where Jupyter asks for one.
import { python } from '@codemirror/lang-python';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { basicSetup } from 'codemirror';
import { readVarString } from 'lib0/decoding';
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

const SAVED = { saved: 'All changes saved', unsaved: 'Saving…' };
const RAW = 2; // the type of the server's notices

const server = location.origin + location.pathname.split('/static/')[0]; // Jupyter may be served below a base URL
const query = new URLSearchParams(location.search);
const [path, token] = [query.get('path'), query.get('token')];

const show = (id, text) => (document.getElementById(id).textContent = text);

/** Ask under which name, and as which history, the file is shared. */
async function openSession() {
  const xsrf = document.cookie.match(/\b_xsrf=([^;]*)/)?.[1];
  const response = await fetch(`${server}/api/collaboration/session/${encodeURIComponent(path)}`, {
    method: 'PUT',
    headers: {
      'Content-Type': 'application/json',
      ...(token ? { Authorization: `token ${token}` } : xsrf && { 'X-XSRFToken': xsrf })
    },
    body: JSON.stringify({ format: 'text', type: 'file' })
  });
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(answer.message);
  }
  return answer;
}

/** Bind the editor to the document of a session, and the document to the server. */
function edit({ format, type, fileId, sessionId }) {
  const doc = new Y.Doc();
  const text = doc.getText('source');
  const provider = new WebsocketProvider(
    `${server.replace(/^http/, 'ws')}/api/collaboration/room`,
    `${format}:${type}:${fileId}`,
    doc,
    { params: { sessionId, live: '1', ...(token && { token }) }, disableBc: true }
  );
  provider.awareness.on('change', () => showPeople(provider.awareness.getStates()));
  const access = new Compartment();
  const view = new EditorView({
    parent: document.getElementById('editor'),
    state: EditorState.create({
      extensions: [
        keymap.of(yUndoManagerKeymap), // before CodeMirror's own, which takes back what others did, too
        basicSetup,
        path.endsWith('.py') ? python() : [],
        yCollab(text, provider.awareness, { undoManager: new Y.UndoManager(text) }),
        access.of(EditorState.readOnly.of(true)) // until there is something to edit
      ]
    })
  });
  follow(provider, yes => view.dispatch({ effects: access.reconfigure(EditorState.readOnly.of(!yes)) }));
}

/** Tell how the connection fares, and `allow` typing or not. */
function follow(provider, allow) {
  let isWriter = true;
  const stop = message => {
    show('status', message);
    allow(false);
  };
  provider.on('sync', isSynced => isSynced && allow(isWriter));
  provider.on('status', ({ status }) => status !== 'connected' && show('status', 'Offline: connecting again…'));
  provider.on('closed', ({ reason }) => stop(JSON.parse(reason).message));
  provider.on('connection-close', event => {
    if (event?.code === 1003) {
      provider.disconnect(); // the server has another history of the file, which is never merged with this one
      stop('The file has a new history. Copy what you need, then reload.');
    }
  });
  provider.messageHandlers[RAW] = (_encoder, decoder) => {
    const notice = JSON.parse(readVarString(decoder));
    if (notice.type === 'hello') {
      isWriter = notice.role === 'writer';
      provider.awareness.setLocalStateField('user', notice.user);
    } else if (notice.type === 'state') {
      show('status', isWriter ? (SAVED[notice.file] ?? notice.message) : 'You may look but not edit');
    }
  };
}

/** Who is here, each once, by the name and in the colour that the server gives them. */
function showPeople(states) {
  const users = [...states.values()].flatMap(({ user }) => (user?.color ? [user] : []));
  for (const user of users) {
    user.colorLight = `color-mix(in srgb, ${user.color} 30%, transparent)`; // of selections
  }
  const items = [...new Map(users.map(user => [user.username, user])).values()].map(user => {
    const item = document.createElement('li');
    item.textContent = user.display_name;
    item.style.background = user.color;
    return item;
  });
  document.getElementById('people').replaceChildren(...items);
}

show('path', path ?? '');
if (path) {
  openSession().then(edit).catch(error => show('status', error.message));
} else {
  show('status', 'Say which file in the address: ?path=notes.py');
}
