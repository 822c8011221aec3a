import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import type { DocumentWidget } from '@jupyterlab/docregistry';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { people, type Person } from './people';
import type { LiveProvider } from './provider';
import { ILiveDocuments, ILiveNaming } from './tokens';

/** More people than this are counted instead of shown. */
const SHOWN = 6;

/** Those present in a document, as a row of coloured discs. */
class Avatars extends ReactWidget {
  private _people: Person[] = [];

  constructor(
    private _provider: LiveProvider | undefined,
    private _trans: TranslationBundle,
    private _naming: ILiveNaming | null
  ) {
    super();
    this.addClass('jp-LiveAvatars');
    this._awareness?.on('change', this._look);
    this._look();
  }

  override dispose(): void {
    this._awareness?.off('change', this._look);
    super.dispose();
  }

  protected override render(): JSX.Element {
    const shown = this._people.length > SHOWN ? this._people.slice(0, SHOWN - 1) : this._people;
    const more = this._people.slice(shown.length);
    const names = more.map(person => person.name).join(', ');
    return (
      <ul aria-label={this._trans.__('In this document')}>
        {shown.map(person => (
          <Avatar
            key={person.username}
            person={person}
            trans={this._trans}
            rename={person.self && this._naming?.isPossible ? () => void this._naming?.ask() : undefined}
          />
        ))}
        {more.length > 0 && (
          <li className="jp-LiveAvatars-more" tabIndex={0} title={names} aria-label={names}>
            +{more.length}
          </li>
        )}
      </ul>
    );
  }

  private get _awareness() {
    return this._provider?.model.awareness;
  }

  /** Awareness changes with every move of a cursor, but the people seldom do. */
  private _look = (): void => {
    const here = this._awareness ? people(this._awareness.getStates(), this._awareness.clientID) : [];
    if (JSON.stringify(here) !== JSON.stringify(this._people)) {
      this._people = here;
      this.update();
    }
  };
}

interface AvatarProps {
  person: Person;
  trans: TranslationBundle;
  /** Change the person's name; for their own disc, where that is possible. */
  rename?: () => void;
}

function Avatar({ person, trans, rename }: AvatarProps): JSX.Element {
  const disc = person.picture ? <img src={person.picture} alt="" /> : <span aria-hidden>{person.initials}</span>;
  const title = person.self ? trans.__('%1 (you)', person.name) : person.name;
  const style = { backgroundColor: person.color };
  if (rename) {
    const label = trans.__('%1 (you). Change your name', person.name);
    return (
      <li style={style}>
        <button title={label} aria-label={label} onClick={rename}>
          {disc}
        </button>
      </li>
    );
  }
  return (
    <li tabIndex={0} title={title} aria-label={title} style={style}>
      {disc}
    </li>
  );
}

/** `schema/avatars.json` says where in the toolbars. */
export const avatars: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:avatars',
  description: 'Shows who is in a document, in its toolbar.',
  autoStart: true,
  requires: [ILiveDocuments],
  optional: [IToolbarWidgetRegistry, ITranslator, ILiveNaming],
  activate: (
    _app,
    documents: ILiveDocuments,
    toolbars: IToolbarWidgetRegistry | null,
    translator: ITranslator | null,
    naming: ILiveNaming | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_live');
    for (const factory of ['Notebook', 'Editor']) {
      toolbars?.addFactory<DocumentWidget>(
        factory,
        'live-avatars',
        widget => new Avatars(documents.of(widget), trans, naming)
      );
    }
  }
};
