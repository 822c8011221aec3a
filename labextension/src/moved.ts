import * as Y from 'yjs';

/**
 * The cells in which this person's latest changes are.
 *
 * Yjs cannot move: who moves a cell deletes it and makes a new one of the same id and content. What others typed into
 * the old one meanwhile is gone with it, unless somebody notices. Pure.
 */
export class Touched {
  /** By id: the cell as it is. */
  private _cells = new Map<string, Y.Map<unknown>>();

  constructor(private _doc: Y.Doc) {}

  /** A change was made here; called in or right after its transaction. */
  made(transaction: Y.Transaction): void {
    for (const type of transaction.changedParentTypes.keys()) {
      if (type instanceof Y.Map && type.parent === this._list) {
        this._cells.set(String(type.get('id')), type);
      }
    }
    // Who moves or deletes a cell themselves takes along what they did in it.
    this._cells.forEach((cell, id) => cell._item?.deleted && this._cells.delete(id));
  }

  /** All that was made here is safe. */
  clear(): void {
    this._cells.clear();
  }

  /** Has one of these cells been replaced by another of its id? It is told once. */
  replaced(): boolean {
    const gone = [...this._cells].filter(([, cell]) => cell._item?.deleted);
    gone.forEach(([id]) => this._cells.delete(id));
    if (!gone.length) {
      return false;
    }
    const here = new Set(this._list.map(cell => (cell as Y.Map<unknown>).get('id')));
    return gone.some(([id]) => here.has(id));
  }

  private get _list(): Y.Array<unknown> {
    return this._doc.getArray('cells');
  }
}
