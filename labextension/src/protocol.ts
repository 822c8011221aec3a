/**
 * The frames of a document's socket: the y-websocket protocol, and JSON notices in RAW frames.
 *
 * Pure: reads and writes bytes, and knows nothing about sockets or documents.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

const SYNC = 0;
const AWARENESS = 1;
const RAW = 2;
const QUERY_AWARENESS = 3;

const STEP1 = 0;
const STEP2 = 1;
const UPDATE = 2;

/** May this person change the document? */
export type Role = 'writer' | 'viewer';

/** A person as the server knows them; `color` is the one it assigned in this document. */
export interface LiveUser {
  username: string;
  name: string;
  display_name: string;
  initials: string;
  avatar_url?: string | null;
  color: string;
}

/** The first frame on a socket: who the server says we are. */
export interface Hello {
  type: 'hello';
  version: number;
  /** The id of the document's history. */
  epoch: string;
  role: Role;
  user: LiveUser;
}

/** How many of this socket's document frames have come how far; each count includes the earlier ones. */
export interface Ack {
  type: 'ack';
  /** In the server's memory. */
  received: number;
  /** Durable in the server's log. */
  logged: number;
  /** Contained in the file on disk. */
  saved: number;
}

/** How the document fares on the server. */
export interface FileState {
  type: 'state';
  /** `none` of a fork: it has no file, by design. */
  file: 'saved' | 'unsaved' | 'failed' | 'none';
  log: 'ok' | 'failed';
  code: string | null;
  message: string | null;
}

/** A change of ours that was not accepted. */
export interface Refused {
  type: 'refused';
  code: string;
  message: string;
}

/** The answer to a save request. `skipped`: there was nothing to save. */
export interface SaveReply {
  type: 'save';
  responseTo: number;
  status: 'success' | 'skipped' | 'failed';
  code?: string;
  message?: string;
}

/**
 * The server takes what it has now to the file. What it sent before this notice, and the first `received` document
 * frames of this socket, are in that snapshot.
 */
export interface Saving {
  type: 'saving';
  /** Numbers the snapshot; later ones are higher. */
  save: number;
  received: number;
}

/** That snapshot is in the file. Of one that was overtaken this may never be told. */
export interface Saved {
  type: 'saved';
  save: number;
}

/** A line that two sides changed differently: both versions are in the document, one after the other. */
export interface Conflict {
  /** The id of the cell; null where there are no cells, or it is about the notebook as a whole. */
  cell: string | null;
  /** In the cell or file, from 1; 0 where it is not about a line. */
  line: number;
  /** What was in the document. */
  theirs: string;
  /** What came in. */
  mine: string;
}

/** The file was changed outside, and what was changed is in the document now. */
export interface Merged {
  type: 'merged';
  /** Cells or lines. */
  changed: number;
  conflicts: Conflict[];
}

/** What lets this person in again, at any relay; it takes the place of the ticket so far. */
export interface TicketNotice {
  type: 'ticket';
  ticket: string;
}

/** We go by another name, or in another colour, from now on. */
export interface Renamed {
  type: 'user';
  user: LiveUser;
}

/** Who made a version; `color` is the one they had then, empty where nobody knows. */
export interface Author {
  username: string;
  name: string;
  color: string;
}

/** What the document was at one time, as the server keeps it. */
export interface Moment {
  id: number;
  /** In seconds since 1970. */
  at: number;
  /** Who has changed it since the moment before; `file` for another program. */
  authors: Author[];
  /** Bytes of all. */
  size: number;
  /** Lines that it has more than the moment before, and less. */
  added: number;
  removed: number;
  /** When the moment was that this one brought back; null for any other. */
  restored: number | null;
}

/** The server keeps one more version of the document. */
export interface MomentKept extends Moment {
  type: 'moment';
}

/** A large document comes now, in so many bytes of frames. */
export interface Coming {
  type: 'coming';
  bytes: number;
}

/** What the server tells beside the document. */
export type Notice =
  | Hello
  | Renamed
  | Ack
  | FileState
  | Refused
  | SaveReply
  | Saving
  | Saved
  | Merged
  | TicketNotice
  | MomentKept
  | Coming;

const NOTICES = ['hello', 'user', 'ack', 'state', 'refused', 'save', 'saving', 'saved', 'merged', 'ticket', 'moment', 'coming'];

/** One frame from the server. */
export type Frame =
  | { kind: 'step1'; stateVector: Uint8Array }
  | { kind: 'update'; update: Uint8Array; answer: boolean }
  | { kind: 'awareness'; update: Uint8Array }
  | { kind: 'query' }
  | { kind: 'notice'; notice: Notice };

/**
 * Read one frame.
 *
 * @returns the frame; `undefined` for a type that this version does not know, so that a newer server may speak
 * @throws Error where the frame is cut short or its JSON is broken
 */
export function read(data: Uint8Array): Frame | undefined {
  const decoder = decoding.createDecoder(data);
  switch (decoding.readVarUint(decoder)) {
    case SYNC:
      return readSync(decoder);
    case AWARENESS:
      return { kind: 'awareness', update: decoding.readVarUint8Array(decoder) };
    case QUERY_AWARENESS:
      return { kind: 'query' };
    case RAW: {
      const notice = JSON.parse(decoding.readVarString(decoder)) as Notice;
      return NOTICES.includes(notice.type) ? { kind: 'notice', notice } : undefined;
    }
    default:
      return undefined;
  }
}

function readSync(decoder: decoding.Decoder): Frame | undefined {
  const step = decoding.readVarUint(decoder);
  const payload = decoding.readVarUint8Array(decoder);
  switch (step) {
    case STEP1:
      return { kind: 'step1', stateVector: payload };
    case STEP2:
      return { kind: 'update', update: payload, answer: true };
    case UPDATE:
      return { kind: 'update', update: payload, answer: false };
    default:
      return undefined;
  }
}

/** Ask for everything that a document with this state vector lacks. */
export const step1 = (stateVector: Uint8Array): Uint8Array => frame([SYNC, STEP1], stateVector);

/** Answer the other side's step 1. */
export const step2 = (update: Uint8Array): Uint8Array => frame([SYNC, STEP2], update);

/** Tell one change. */
export const update = (change: Uint8Array): Uint8Array => frame([SYNC, UPDATE], change);

/** Tell who is here. */
export const awareness = (states: Uint8Array): Uint8Array => frame([AWARENESS], states);

/** Ask the server to write the file; it answers with `id`. */
export function save(id: number): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, RAW);
  encoding.writeVarString(encoder, 'save');
  encoding.writeVarUint(encoder, id);
  return encoding.toUint8Array(encoder);
}

function frame(head: number[], payload: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  head.forEach(number => encoding.writeVarUint(encoder, number));
  encoding.writeVarUint8Array(encoder, payload);
  return encoding.toUint8Array(encoder);
}
