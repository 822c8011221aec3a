// One y-websocket client: lines of JSON on stdin are its orders, each answered by a line with its state on stdout.
// node client.cjs PACKAGE URL ROOM PARAMS
// CommonJS: Node does not take the modules of y-websocket 1 for modules.
'use strict';

const { createInterface } = require('node:readline');
const WebSocket = require('ws');
const Y = require('yjs');

const [name, url, room, params] = process.argv.slice(2);
const { WebsocketProvider } = require(name);

const doc = new Y.Doc();
const history = { opened: 0, closes: [], ended: null };
const provider = new WebsocketProvider(url, room, doc, {
  params: JSON.parse(params),
  WebSocketPolyfill: WebSocket,
  disableBc: true // as in JupyterLab
});
provider.on('status', ({ status }) => (history.opened += status === 'connected'));
provider.on('connection-close', event => event && history.closes.push([event.code, event.reason]));
provider.on('closed', ({ code }) => (history.ended = code)); // y-websocket 3.1: it will not come back

/** The text of a file, or of a notebook's cell. */
const text = cell => (cell === undefined ? doc.getText('source') : doc.getArray('cells').get(cell).get('source'));

const orders = {
  look: () => {},
  insert: ({ cell, index, content }) => text(cell).insert(index, content),
  delete: ({ cell, index, length }) => text(cell).delete(index, length),
  show: ({ state }) => provider.awareness.setLocalState(state)
};

const state = () => ({
  ...history,
  synced: provider.synced,
  client: doc.clientID,
  text: doc.getText('source').toString(),
  cells: doc.getArray('cells').toJSON().map(cell => cell.source),
  people: Object.fromEntries(provider.awareness.getStates())
});

createInterface({ input: process.stdin })
  .on('line', line => {
    const order = JSON.parse(line);
    orders[order.do](order);
    console.log(JSON.stringify(state()));
  })
  .on('close', () => {
    provider.destroy();
    // Lets the socket say goodbye; a client that never gets there must not hold up the test.
    setTimeout(() => process.exit(), 200);
  });
