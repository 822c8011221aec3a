import { PathExt } from '@jupyterlab/coreutils';

/** A document that can be written out; shared models are. */
export interface Source {
  getSource(): unknown;
}

/** Give the person a copy of a document, as it is in this page, as a file on their own computer. */
export function download(model: Source, path: string): void {
  const source = model.getSource();
  const text = typeof source === 'string' ? source : JSON.stringify(source, null, 1) + '\n';
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text]));
  link.download = PathExt.basename(path);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
