import type { Conflict } from './protocol';

/** Changes that came into the document other than by typing. */
export interface Brought {
  /**
   * `history`: ours, into a new history. `kept`: ours, from a closed tab. `file`: from outside. `moved`: ours, into a
   * moved cell. `fork`: the document itself, in place of a fork that is gone
   */
  from: 'history' | 'kept' | 'file' | 'moved' | 'fork';
  /** Cells or lines. */
  changed: number;
  conflicts: Conflict[];
  /** The file that this page's version was saved as, where nobody can tell what was changed in it. */
  copy: string | null;
}
