import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { LiveProvider } from './provider';

/** The documents that are open live in this page. */
export interface ILiveDocuments {
  /** The connection of a widget's document; `undefined` where the widget has no live document. */
  of(widget: unknown): LiveProvider | undefined;
  /** Emitted for each document that is opened. */
  readonly added: ISignal<ILiveDocuments, LiveProvider>;
}

export const ILiveDocuments = new Token<ILiveDocuments>(
  'jupyter-live:ILiveDocuments',
  'The documents that are open live in this page, and how their connections fare.'
);

/** The name under which the others see the person at this screen. */
export interface ILiveNaming {
  /** Does the server let people change their names? */
  readonly isPossible: boolean;
  /** Let the person choose another one. */
  ask(): Promise<void>;
}

export const ILiveNaming = new Token<ILiveNaming>(
  'jupyter-live:ILiveNaming',
  'The name under which the others see the person at this screen.'
);
