import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { CodeCell } from '@jupyterlab/cells';
import { URLExt } from '@jupyterlab/coreutils';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { OutputPrompt, Stdin } from '@jupyterlab/outputarea';
import { ServerConnection, type Kernel, type KernelMessage } from '@jupyterlab/services';
import { ITranslator } from '@jupyterlab/translation';
import { Panel } from '@lumino/widgets';

import { orphans, type Running } from './orphans';
import type { LiveProvider } from './provider';
import { ILiveDocuments } from './tokens';

/** Milliseconds between looks at an execution that nobody looks after. */
const PERIOD = 1_000;

/** Where jupyter-server-nbmodel notes in a cell how to ask for its execution. */
const NOTE = 'jupyter_server_nbmodel';

/** What the server says while the kernel waits for an answer. */
interface Question {
  parent_header: KernelMessage.IHeader<'input_request'>;
  input_request: { prompt: string; password: boolean };
}

/** What core tells of a cell that is run in this page. */
interface Run {
  notebook: unknown;
  cell: { model: { id: string } };
}

/**
 * Asks for what `input()` wants to know when the page that ran the cell is gone: whoever is there can answer.
 *
 * With jupyter-server-nbmodel the server runs the cells, and only the page that asked for it asks its user. It also
 * takes the result, which can be had but once; so a page tells the others which cells it has run, and they keep away
 * from those.
 */
class Inputs {
  private _mine = new Set<string>();
  /** The last question of each cell, also when it has been answered: the server may not have heard of that yet. */
  private _asked = new Map<string, { id: string; panel: Panel }>();
  private _timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private _panel: NotebookPanel,
    private _provider: LiveProvider,
    private _settings: ServerConnection.ISettings,
    private _translator?: ITranslator
  ) {
    NotebookActions.executionScheduled.connect(this._begun, this);
    NotebookActions.executed.connect(this._ended, this);
    _panel.disposed.connect(this._dispose, this);
    void this._look();
  }

  private _begun(_: unknown, { notebook, cell }: Run): void {
    if (notebook === this._panel.content) {
      this._mine.add(cell.model.id);
      this._tell();
    }
  }

  private _ended(_: unknown, { notebook, cell }: Run): void {
    if (notebook === this._panel.content && this._mine.delete(cell.model.id)) {
      this._tell();
    }
  }

  private _tell(): void {
    this._provider.model.awareness.setLocalStateField('running', [...this._mine]);
  }

  private _look = async (): Promise<void> => {
    if (this._provider.phase === 'live' && this._provider.role === 'writer') {
      await Promise.all(orphans(this._running(), this._provider.model.awareness.getStates().values()).map(this._ask));
    }
    if (!this._panel.isDisposed) {
      this._timer = setTimeout(this._look, PERIOD);
    }
  };

  private _running(): Running[] {
    const found = [];
    for (const { model } of this._panel.content.widgets) {
      const note = model.type === 'code' ? (model.getMetadata(NOTE) as { requestUrl?: string } | undefined) : undefined;
      if (note?.requestUrl) {
        found.push({ cell: model.id, url: note.requestUrl });
      }
    }
    return found;
  }

  private _ask = async ({ cell, url }: Running): Promise<void> => {
    const address = URLExt.join(this._settings.baseUrl, url);
    const question = await ask(address, this._settings);
    const widget = this._panel.content.widgets.find(each => each.model.id === cell) as CodeCell | undefined;
    const asked = this._asked.get(cell);
    if (asked?.id === question?.parent_header.msg_id && question) {
      return;
    }
    asked?.panel.dispose();
    this._asked.delete(cell);
    if (question && widget) {
      this._asked.set(cell, { id: question.parent_header.msg_id, panel: this._prompt(widget, question, address) });
    }
  };

  /** The same box as core's, below the cell's outputs. */
  private _prompt(cell: CodeCell, { parent_header, input_request }: Question, address: string): Panel {
    const answer = address.replace(/\/requests\/[^/]*$/, '/input');
    const future = {
      sendInputReply: ({ value }: { value: string }) => {
        const body = JSON.stringify({ input: value });
        ServerConnection.makeRequest(answer, { method: 'POST', body }, this._settings)
          .then(response => response.ok || Promise.reject(new ServerConnection.ResponseError(response)))
          .catch(reason => {
            console.warn('The answer did not reach the kernel; it is asked for again', reason);
            this._asked.delete(cell.model.id);
          });
      }
    } as unknown as Kernel.IShellFuture;
    const input = new Stdin({ future, parent_header, ...input_request, translator: this._translator });
    input.addClass('jp-OutputArea-output');
    const prompt = new OutputPrompt();
    prompt.addClass('jp-OutputArea-prompt');
    const panel = new Panel();
    panel.addClass('jp-OutputArea-child');
    panel.addClass('jp-OutputArea-stdin-item');
    panel.addWidget(prompt);
    panel.addWidget(input);
    void input.value.then(value => {
      panel.dispose();
      cell.outputArea.model.add({ output_type: 'stream', name: 'stdin', text: `${value}\n` });
    });
    (cell.outputArea.layout as unknown as Panel['layout'] & { addWidget(widget: Panel): void }).addWidget(panel);
    return panel;
  }

  private _dispose(): void {
    clearTimeout(this._timer);
    NotebookActions.executionScheduled.disconnect(this._begun, this);
    NotebookActions.executed.disconnect(this._ended, this);
  }
}

/** What a cell's execution waits for; nothing when it waits for nothing, or cannot be asked now. */
async function ask(address: string, settings: ServerConnection.ISettings): Promise<Question | null> {
  try {
    const response = await ServerConnection.makeRequest(address, {}, settings);
    return response.status === 300 ? ((await response.json()) as Question) : null;
  } catch {
    return null;
  }
}

export const inputs: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-live:inputs',
  description: 'Lets whoever is there answer what a cell asks that the server runs.',
  autoStart: true,
  requires: [ILiveDocuments],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, documents: ILiveDocuments, translator: ITranslator | null) => {
    // Cells are run in the server by this extension alone.
    if (!app.hasPlugin('@datalayer/jupyter-server-nbmodel:notebook-cell-executor')) {
      return;
    }
    app.docRegistry.addWidgetExtension('Notebook', {
      createNew: (panel: NotebookPanel) => {
        const provider = documents.of(panel);
        if (provider) {
          new Inputs(panel, provider, app.serviceManager.serverSettings, translator ?? undefined);
        }
      }
    });
  }
};
