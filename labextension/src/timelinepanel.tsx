import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { listMoments } from './moments';
import { people } from './people';
import type { Author, Moment } from './protocol';
import type { LiveProvider } from './provider';
import { byDay, dayOf, daysAgo, timeOf } from './when';

/** The author of what another program has put into the file. */
const FILE = 'file';

/** What a panel has others do. */
export interface PanelOwner {
  /** Show what is in a version; `before` is the one before it, if that is still kept. */
  preview(provider: LiveProvider, moment: Moment, before: Moment | undefined): void;
  /** Bring a version back, if the person means it. */
  restore(provider: LiveProvider, moment: Moment): void;
  /** Give the screen back to the document. */
  close(): void;
}

/** The versions of the current document, to look at and to bring back. */
export class TimelinePanel extends ReactWidget {
  private _provider: LiveProvider | undefined;
  private _moments: Moment[] = [];
  private _chosen: number | null = null;
  private _problem = '';
  private _loading = false;
  private _again = false;

  constructor(
    private _owner: PanelOwner,
    private _trans: TranslationBundle
  ) {
    super();
    this.id = 'jupyter-live-timeline';
    this.addClass('jp-LiveTimeline');
  }

  get provider(): LiveProvider | undefined {
    return this._provider;
  }

  set provider(provider: LiveProvider | undefined) {
    if (provider === this._provider) {
      return;
    }
    this._provider?.momentKept.disconnect(this.refresh, this);
    this._provider?.changed.disconnect(this._onChanged, this);
    this._provider = provider;
    this._moments = [];
    this._chosen = null;
    this._problem = '';
    provider?.momentKept.connect(this.refresh, this);
    provider?.changed.connect(this._onChanged, this);
    this.refresh();
  }

  /** Ask the server what there is now; while nobody sees it, later. */
  refresh(): void {
    this._again = true;
    this.update();
    if (!this._loading && this.isVisible) {
      void this._load();
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.refresh();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.refresh();
    requestAnimationFrame(() => this.node.querySelector<HTMLElement>('[role=listbox]')?.focus());
  }

  protected override render(): JSX.Element {
    const trans = this._trans;
    const provider = this._provider;
    if (!provider) {
      return <p>{trans.__('Open a notebook or a file to see what it was before.')}</p>;
    }
    const reason = this._refusal(provider);
    const chosen = this._moments.find(({ id }) => id === this._chosen);
    return (
      <>
        <h2>{PathExt.basename(provider.path)}</h2>
        {this._problem && (
          <p role="alert">
            {this._problem} <button onClick={() => this.refresh()}>{trans.__('Try again')}</button>
          </p>
        )}
        <div
          role="listbox"
          tabIndex={0}
          aria-label={trans.__('Versions of %1', PathExt.basename(provider.path))}
          aria-activedescendant={chosen && this._optionId(chosen)}
          onKeyDown={event => this._onKey(event)}
        >
          {byDay(this._moments).map(day => (
            <div role="group" key={day[0].id} aria-label={this._day(day[0].at)}>
              <h3>{this._day(day[0].at)}</h3>
              {day.map(moment => this._renderOne(provider, moment))}
            </div>
          ))}
        </div>
        <p className="jp-LiveTimeline-hint">{this._hint()}</p>
        <footer>
          <button className="jp-mod-styled" disabled={!chosen} onClick={() => chosen && this._preview(chosen)}>
            {trans.__('Compare')}
          </button>
          <button
            className="jp-mod-styled jp-mod-accept"
            disabled={!chosen || reason !== ''}
            title={reason}
            onClick={() => chosen && this._owner.restore(provider, chosen)}
          >
            {trans.__('Restore…')}
          </button>
          {reason && <span>{reason}</span>}
        </footer>
      </>
    );
  }

  private _renderOne(provider: LiveProvider, moment: Moment): JSX.Element {
    const trans = this._trans;
    const isChosen = moment.id === this._chosen;
    const isFirst = moment === this._moments[this._moments.length - 1];
    return (
      <div
        role="option"
        key={moment.id}
        id={this._optionId(moment)}
        aria-selected={isChosen}
        ref={node => void (isChosen && node?.scrollIntoView({ block: 'nearest' }))}
        onClick={() => this._choose(moment)}
        onDoubleClick={() => this._preview(moment)}
      >
        <time dateTime={new Date(moment.at * 1000).toISOString()}>{timeOf(moment.at)}</time>
        <span className="jp-LiveTimeline-who">
          {moment.authors.map(author => this._renderAuthor(provider, author))}
          {moment.restored !== null && <em>{trans.__('brought back %1', this._when(moment.restored))}</em>}
          {!moment.authors.length && <em>{isFirst ? trans.__('as it was found') : trans.__('before the next edits')}</em>}
        </span>
        <span className="jp-LiveTimeline-change">{isFirst ? bytes(moment.size) : this._change(moment)}</span>
      </div>
    );
  }

  private _renderAuthor(provider: LiveProvider, author: Author): JSX.Element {
    const { awareness } = provider.model;
    const here = awareness ? people(awareness.getStates(), awareness.clientID) : [];
    const person = here.find(({ username }) => username === author.username);
    const color = person?.color ?? (author.color || 'var(--jp-border-color1)');
    const name = author.username === FILE ? this._trans.__('another program') : (person?.name ?? author.name);
    return (
      <span key={author.username}>
        <i style={{ backgroundColor: color }} aria-hidden />
        {name}
      </span>
    );
  }

  private _change({ added, removed }: Moment): JSX.Element {
    const trans = this._trans;
    const [more, less] = [trans._n('%1 line more', '%1 lines more', added), trans._n('%1 line less', '%1 lines less', removed)];
    if (!added && !removed) {
      return <>{trans.__('moved')}</>;
    }
    return (
      <>
        {added > 0 && <ins title={more} aria-label={more}>{`+${added}`}</ins>}{' '}
        {removed > 0 && <del title={less} aria-label={less}>{`−${removed}`}</del>}
      </>
    );
  }

  private _hint(): string {
    const trans = this._trans;
    if (this._loading && !this._moments.length) {
      return trans.__('Fetching…');
    }
    if (!this._moments.length) {
      return this._problem ? '' : trans.__('Nothing was changed here yet. The first change makes a version of what is here now.');
    }
    const oldest = this._moments[this._moments.length - 1];
    const begins = trans.__('This history begins %1.', this._when(oldest.at));
    return `${begins} ${trans.__('After an hour one version an hour is kept, after a day one a day.')}`;
  }

  /** Why nothing can be brought back; empty when it can. */
  private _refusal({ role, phase }: LiveProvider): string {
    if (role === 'viewer') {
      return this._trans.__('You may look but not restore.');
    }
    return phase === 'live' ? '' : this._trans.__('Not connected.');
  }

  private _day(at: number): string {
    const days = daysAgo(at);
    return days === 0 ? this._trans.__('Today') : days === 1 ? this._trans.__('Yesterday') : dayOf(at);
  }

  private _when(at: number): string {
    return `${this._day(at)}, ${timeOf(at)}`;
  }

  private _optionId({ id }: Moment): string {
    return `${this.id}-${id}`;
  }

  private _choose(moment: Moment): void {
    this._chosen = moment.id;
    this.update();
  }

  private _preview(moment: Moment): void {
    const place = this._moments.indexOf(moment);
    this._choose(moment);
    this._owner.preview(this._provider!, moment, this._moments[place + 1]);
  }

  private _onKey(event: React.KeyboardEvent): void {
    const last = this._moments.length - 1;
    const place = this._moments.findIndex(({ id }) => id === this._chosen);
    const to = { ArrowDown: Math.min(place + 1, last), ArrowUp: Math.max(place - 1, 0), Home: 0, End: last }[event.key];
    if (event.key === 'Escape') {
      this._owner.close();
    } else if (event.key === 'Enter' && place >= 0) {
      this._preview(this._moments[place]);
    } else if (to !== undefined && last >= 0) {
      this._choose(this._moments[to]);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private _onChanged(): void {
    // A document that has just been opened can be asked for now; what one may do may be another thing now.
    this._problem && this._provider?.phase === 'live' ? this.refresh() : this.update();
  }

  private async _load(): Promise<void> {
    this._loading = true;
    while (this._again && this._provider && !this.isDisposed) {
      this._again = false;
      const provider = this._provider;
      try {
        await provider.ready;
        const moments = await listMoments(provider);
        if (provider === this._provider) {
          this._moments = moments;
          this._problem = '';
        }
      } catch (error) {
        if (provider === this._provider) {
          this._problem = (error as Error).message;
        }
      }
    }
    this._loading = false;
    this.update();
  }
}

function bytes(count: number): string {
  return count < 1000 ? `${count} B` : count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}
