/**
 * Holds back what is typed while there is no editor to take it.
 *
 * Between the moment in which a cell is replaced and the one in which its editor has the focus, keys would go to
 * whatever has the focus then: to commands such as "delete cell". Until `release` they are kept here.
 */
export class HeldKeys {
  private _text = '';

  constructor() {
    // Before JupyterLab's commands, which listen to the document.
    window.addEventListener('keydown', this, true);
  }

  /** Let keys pass again. @returns the text that was typed meanwhile */
  release(): string {
    window.removeEventListener('keydown', this, true);
    const text = this._text;
    this._text = '';
    return text;
  }

  handleEvent(event: KeyboardEvent): void {
    event.preventDefault();
    event.stopImmediatePropagation();
    const isText = event.getModifierState('AltGraph') || !(event.ctrlKey || event.metaKey || event.altKey);
    if (isText && [...event.key].length === 1) {
      this._text += event.key;
    } else if (event.key === 'Enter' && isText) {
      this._text += '\n';
    } else if (event.key === 'Backspace') {
      this._text = [...this._text].slice(0, -1).join('');
    }
  }
}
