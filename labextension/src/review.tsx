import { Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { choose, type Choice } from './choice';
import type { Conflict } from './protocol';
import type { Brought } from './brought';
import type { LiveProvider } from './provider';

/** A text in a document: a cell, or a file. */
interface Text {
  getSource(): string;
  updateSource(start: number, end: number, value?: string): void;
}

/** What a document has, of either kind. */
interface Model {
  cells?: (Text & { getId(): string })[];
}

/** Show where two sides changed the same line, and leave only what the person chooses of it. */
export async function review(provider: LiveProvider, brought: Brought, trans: TranslationBundle): Promise<void> {
  const body = new Review(brought, cell => place(provider, cell, trans), trans);
  const { button } = await showDialog({
    title: trans.__('Both versions were kept'),
    body,
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Apply') })]
  });
  if (!button.accept) {
    return;
  }
  const missed = brought.conflicts.filter((conflict, n) => !apply(provider, conflict, body.choices[n]));
  if (missed.length) {
    await showDialog({
      title: trans.__('Not everything was changed'),
      body: `${trans.__('Somebody has edited these places since:')} ${missed
        .map(({ cell, line }) => `${place(provider, cell, trans)} ${trans.__('line %1', line)}`.trim())
        .join(', ')}`,
      buttons: [Dialog.okButton()]
    });
  }
}

/** Make one choice true. @returns whether it is now */
function apply(provider: LiveProvider, conflict: Conflict, choice: Choice): boolean {
  if (choice === 'both') {
    return true;
  }
  const text = find(provider, conflict.cell);
  const edit = text && choose(text.getSource(), conflict, choice);
  if (edit) {
    text.updateSource(edit.start, edit.end, edit.text);
  }
  return edit !== undefined;
}

function find(provider: LiveProvider, cell: string | null): Text | undefined {
  const { cells } = provider.model as unknown as Model;
  return cells ? cells.find(one => one.getId() === cell) : (provider.model as unknown as Text);
}

/** Where a conflict is, in words: which cell, and nothing in a file. */
export function place(provider: LiveProvider, cell: string | null, trans: TranslationBundle): string {
  const { cells } = provider.model as unknown as Model;
  const index = cells?.findIndex(one => one.getId() === cell) ?? -1;
  return index < 0 ? '' : trans.__('cell %1', index + 1);
}

class Review extends ReactWidget {
  readonly choices: Choice[];

  constructor(
    private _brought: Brought,
    private _place: (cell: string | null) => string,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-LiveReview');
    this.choices = _brought.conflicts.map(() => 'both');
  }

  protected override render(): JSX.Element {
    return <>{this._brought.conflicts.map((conflict, n) => this._renderOne(conflict, n))}</>;
  }

  private _renderOne(conflict: Conflict, n: number): JSX.Element {
    const trans = this._trans;
    const fromFile = this._brought.from === 'file';
    const where = [this._place(conflict.cell), conflict.line ? trans.__('line %1', conflict.line) : ''];
    const versions: [Choice, string, string][] = [
      ['theirs', fromFile ? trans.__('Only what was in the document') : trans.__('Only theirs'), conflict.theirs],
      ['mine', fromFile ? trans.__('Only what was in the file') : trans.__('Only mine'), conflict.mine]
    ];
    const option = (choice: Choice, label: string, text?: string) => (
      <label key={choice}>
        <input
          type="radio"
          name={`${this.id}-${n}`}
          defaultChecked={choice === 'both'}
          onChange={() => (this.choices[n] = choice)}
        />
        {label}
        {text !== undefined && <pre>{text || trans.__('(deleted)')}</pre>}
      </label>
    );
    return (
      <fieldset key={n}>
        <legend>{where.filter(Boolean).join(', ') || trans.__('The notebook as a whole')}</legend>
        {conflict.line ? (
          <>
            {option('both', trans.__('Keep both, one after the other'))}
            {versions.map(([choice, label, text]) => option(choice, label, text))}
          </>
        ) : (
          versions.map(([choice, label, text]) => (
            <div key={choice}>
              {label}
              <pre>{text}</pre>
            </div>
          ))
        )}
      </fieldset>
    );
  }
}
