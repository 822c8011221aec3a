import { unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { type IEditorLanguageRegistry, jupyterTheme } from '@jupyterlab/codemirror';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { outputsOf, pair, restOf, sourceOf, type Cell, type Pair } from './compare';
import type { Model } from './moments';

/** More changed cells than this are counted instead of shown: each takes editors. */
const SHOWN = 200;

/** What a notebook has, as far as it is compared. */
interface Notebook {
  cells: Cell[];
  metadata: { language_info?: { mimetype?: string; name?: string } };
}

/** The difference between two contents of one document, to be read: notebooks by cell, texts by line. */
export class Preview extends Widget {
  private _views: EditorView[] = [];
  private _shown = 0;

  constructor(
    private _languages: IEditorLanguageRegistry | null,
    private _path: string,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-LivePreview');
    this.node.tabIndex = 0;
    this.node.setAttribute('role', 'document');
    this.node.setAttribute('aria-label', _trans.__('Differences'));
  }

  override dispose(): void {
    this._clear();
    super.dispose();
  }

  /** Show what makes `after` of `before`. */
  async compare(before: Model, after: Model): Promise<void> {
    const isNotebook = [before, after].every(({ content }) => Array.isArray((content as Notebook | null)?.cells));
    const language = await this._language(isNotebook ? (after.content as Notebook) : null);
    this._clear();
    if (this.isDisposed) {
      return;
    }
    if (isNotebook) {
      this._showCells(before.content as Notebook, after.content as Notebook, language);
    } else if (before.format === 'base64') {
      this._say(this._trans.__('This kind of file cannot be shown.'));
    } else {
      this._showText(textOf(before), textOf(after), language, this.node);
    }
    if (!this.node.childElementCount) {
      this._say(this._trans.__('There is no difference.'));
    }
  }

  /** Say something in place of a difference. */
  tell(sentence: string): void {
    this._clear();
    this._say(sentence);
  }

  private _clear(): void {
    this._views.forEach(view => view.destroy());
    this._views = [];
    this._shown = 0;
    this.node.replaceChildren();
  }

  private _say(sentence: string, parent: HTMLElement = this.node): void {
    const told = document.createElement('p');
    told.textContent = sentence;
    parent.append(told);
  }

  private _showCells(before: Notebook, after: Notebook, language: Extension): void {
    let same = 0;
    const tellSame = () => {
      same && this._say(this._trans._n('%1 cell is the same', '%1 cells are the same', same));
      same = 0;
    };
    for (const each of pair(before.cells, after.cells)) {
      if (each.kind === 'same' || this._shown >= SHOWN) {
        same += each.kind === 'same' ? 1 : 0;
        this._shown += each.kind === 'same' ? 0 : 1;
        continue;
      }
      tellSame();
      this._shown += 1;
      this._showCell(each, language);
    }
    this._shown ? tellSame() : undefined;
    if (this._shown > SHOWN) {
      this._say(this._trans.__('%1 more cells are different.', this._shown - SHOWN));
    }
    // What the kernel tells of its language stays.
    const { language_info } = before.metadata;
    const [was, is] = [before.metadata, { language_info, ...after.metadata }].map(sorted);
    if (was !== is) {
      this._section(this._trans.__('The notebook as a whole'), 'changed', part => this._showText(was, is, [], part));
    }
  }

  private _showCell({ kind, before, after, from, to }: Pair, language: Extension): void {
    const trans = this._trans;
    const title = {
      same: '',
      changed: trans.__('Cell %1', (to ?? 0) + 1),
      added: trans.__('Cell %1, added', (to ?? 0) + 1),
      removed: trans.__('Cell %1, deleted', (from ?? 0) + 1),
      moved: trans.__('Cell %1, was cell %2', (to ?? 0) + 1, (from ?? 0) + 1)
    }[kind];
    const isCode = (after ?? before)?.cell_type === 'code';
    this._section(title, kind, part => {
      const [was, is] = [sourceOf(before), sourceOf(after)];
      if (was !== is || kind === 'added' || kind === 'removed') {
        this._showText(was, is, isCode ? language : [], part);
      }
      if (outputsOf(before) !== outputsOf(after)) {
        this._say(trans.__('Outputs'), part);
        this._showText(outputsOf(before), outputsOf(after), [], part);
      }
      if (before && after && restOf(before) !== restOf(after)) {
        this._say(trans.__('Type and metadata'), part);
        this._showText(restOf(before), restOf(after), [], part);
      }
    });
  }

  private _section(title: string, kind: string, fill: (part: HTMLElement) => void): void {
    const part = document.createElement('section');
    part.dataset.kind = kind;
    const head = document.createElement('h3');
    head.textContent = title;
    part.append(head);
    fill(part);
    this.node.append(part);
  }

  private _showText(before: string, after: string, language: Extension, parent: HTMLElement): void {
    if (before === after) {
      return;
    }
    const both = before && after;
    const extensions = [
      jupyterTheme,
      language,
      EditorView.lineWrapping,
      EditorView.editable.of(false),
      EditorState.readOnly.of(true),
      // An empty side would be shown as an empty line.
      both
        ? unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged: { margin: 3 } })
        : EditorView.editorAttributes.of({ class: after ? 'jp-mod-added' : 'jp-mod-removed' })
    ];
    this._views.push(new EditorView({ state: EditorState.create({ doc: after || before, extensions }), parent }));
  }

  /** The highlighting of what is shown; none where the language is not known. */
  private async _language(notebook: Notebook | null): Promise<Extension> {
    const known = this._languages;
    const info = notebook?.metadata?.language_info;
    const found = notebook
      ? (known?.findByMIME(info?.mimetype ?? '') ?? known?.findByName(info?.name ?? 'python'))
      : known?.findByFileName(this._path);
    const loaded = found && (await known?.getLanguage(found).catch(() => null));
    return loaded?.support ?? [];
  }
}

function textOf({ content }: Model): string {
  return typeof content === 'string' ? content : JSON.stringify(content, null, 1);
}

/** As JSON whose keys are in order, so that equal values are equal. */
function sorted(value: unknown): string {
  const inOrder = (_: string, one: unknown) =>
    one && typeof one === 'object' && !Array.isArray(one) ? Object.fromEntries(Object.entries(one).sort()) : one;
  return JSON.stringify(value, inOrder, 1);
}
