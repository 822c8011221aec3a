import type { SourceChange } from '@jupyter/ydoc';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { CompletionHandler } from '@jupyterlab/completer';

import { isRemoteChange } from './remote';

/** The slot of core's handler that this file wraps; core declares it as protected. */
interface Slot {
  onTextChanged(text: unknown, change: SourceChange): Promise<void>;
}

/**
 * Core opens its completer, and asks for inline suggestions, whenever the text of the active editor changes, also
 * when somebody else typed it: https://github.com/jupyterlab/jupyterlab/issues/17172
 *
 * Neither the signal nor its arguments tell who typed, and the completer manager does not hand out its handlers. So
 * the handlers' slot is wrapped, for all of them at once.
 */
function leaveRemoteTypingAlone(): void {
  const slot = CompletionHandler.prototype as unknown as Slot;
  const onTextChanged = slot.onTextChanged;
  slot.onTextChanged = async function (this: CompletionHandler, text, change) {
    return isRemoteChange() ? keepInPlace(this, change) : onTextChanged.call(this, text, change);
  };
}

/** What is open is anchored at fixed offsets: close it if a change before the cursor has moved the text from there. */
function keepInPlace({ completer, editor, inlineCompleter }: CompletionHandler, change: SourceChange): void {
  const from = change.sourceChange?.[0]?.retain ?? 0;
  if (editor && from < editor.getOffsetAt(editor.getCursorPosition())) {
    completer.model?.reset(true);
    inlineCompleter?.model?.reset();
  }
}

export const completer: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:completer',
  description: "Keeps other people's typing from opening one's completer.",
  autoStart: true,
  activate: leaveRemoteTypingAlone
};
