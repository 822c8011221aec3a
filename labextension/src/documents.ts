import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { IDocumentProviderFactory as Factory } from '@jupyter/docprovider';
import { IDocumentProviderFactory } from '@jupyter/docprovider';
import { Signal } from '@lumino/signaling';

import { LiveProvider } from './provider';
import { ILiveDocuments } from './tokens';

/** Opens documents live, and remembers which. */
class LiveDocuments implements ILiveDocuments, Factory {
  private _providers = new WeakMap<object, LiveProvider>();
  private _added = new Signal<this, LiveProvider>(this);

  readonly added = this._added;

  create(options: Factory.IOptions): LiveProvider {
    const provider = new LiveProvider(options);
    this._providers.set(options.model, provider);
    this._added.emit(provider);
    return provider;
  }

  of(widget: unknown): LiveProvider | undefined {
    const model = (widget as Partial<DocumentLike> | null)?.context?.model?.sharedModel;
    return model && this._providers.get(model);
  }
}

/** What a document widget has, whatever its kind. */
interface DocumentLike {
  context: { model: { sharedModel: object } };
}

/** Where live documents are known. */
export const documents: JupyterFrontEndPlugin<ILiveDocuments> = {
  id: 'jupyter-live:documents',
  description: 'Knows the documents that are open live in this page.',
  provides: ILiveDocuments,
  activate: () => new LiveDocuments()
};

/** The seam of jupyter-collaboration's front end: its content provider opens every document through this. */
export const documentProvider: JupyterFrontEndPlugin<Factory> = {
  id: 'jupyter-live:document-provider',
  description: 'Connects shared documents to the server.',
  requires: [ILiveDocuments],
  provides: IDocumentProviderFactory,
  activate: (_app, documents: ILiveDocuments) => documents as LiveDocuments
};
