import { diff } from '@codemirror/merge';

/** A cell of a notebook as its file has it. */
export interface Cell {
  id?: string;
  cell_type: string;
  source: string | string[];
  metadata?: Record<string, unknown>;
  outputs?: Record<string, unknown>[];
}

/** What became of a cell: `from` and `to` are its places, from 0, where it has one. */
export interface Pair {
  kind: 'same' | 'changed' | 'added' | 'removed' | 'moved';
  before?: Cell;
  after?: Cell;
  from?: number;
  to?: number;
}

/** Which cells of a notebook became which of another one, in the order of the latter. Those of one id are one. */
export function pair(before: Cell[], after: Cell[]): Pair[] {
  const known = new Set(after.map(cell => cell.id));
  const shared = new Set(before.map(cell => cell.id).filter(id => id !== undefined && known.has(id)));
  const [a, b] = [keys(before, shared), keys(after, shared)];
  const pairs: Pair[] = [];
  let [from, to] = [0, 0];
  const together = (until: number) => {
    for (; from < until; from++, to++) {
      pairs.push(both(before[from], after[to], from, to));
    }
  };
  const numbers = new Map<string, number>();
  for (const change of diff(letters(a, numbers), letters(b, numbers))) {
    together(change.fromA);
    for (; from < change.toA; from++) {
      // Of a cell that was moved only the new place is shown.
      b.includes(a[from]) || pairs.push({ kind: 'removed', before: before[from], from });
    }
    for (; to < change.toB; to++) {
      const old = a.indexOf(b[to]);
      const moved = old < 0 ? null : both(before[old], after[to], old, to);
      pairs.push(moved ? { ...moved, kind: 'moved' } : { kind: 'added', after: after[to], to });
    }
  }
  together(before.length);
  return pairs;
}

/** The source of a cell, which a file may have as lines. */
export function sourceOf(cell: Cell | undefined): string {
  return joined(cell?.source ?? '');
}

/** The outputs of a cell as text; of what is no text, what it is, and how large. */
export function outputsOf(cell: Cell | undefined): string {
  return (cell?.outputs ?? []).map(outputText).join('\n');
}

/** What of a cell is no source and no output, and not kept beside the file either. */
export function restOf(cell: Cell | undefined): string {
  const { trusted: _, ...metadata } = cell?.metadata ?? {};
  return cell ? JSON.stringify({ type: cell.cell_type, ...metadata }, null, 1) : '';
}

function both(before: Cell, after: Cell, from: number, to: number): Pair {
  const same = [sourceOf, outputsOf, restOf].every(part => part(before) === part(after));
  return { kind: same ? 'same' : 'changed', before, after, from, to };
}

/** What each cell is known by: its id, where both sides have it, else what is in it, and which of those it is. */
function keys(cells: Cell[], shared: Set<string | undefined>): string[] {
  const seen = new Map<string, number>();
  return cells.map(cell => {
    const key = shared.has(cell.id) ? `id ${cell.id}` : `is ${cell.cell_type} ${sourceOf(cell)}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
    return `${seen.get(key)} ${key}`;
  });
}

/** A letter for each key, so that they can be compared as text. */
function letters(all: string[], numbers: Map<string, number>): string {
  return all
    .map(key => {
      numbers.has(key) || numbers.set(key, numbers.size);
      return String.fromCharCode(numbers.get(key)!);
    })
    .join('');
}

function outputText(output: Record<string, unknown>): string {
  switch (output.output_type) {
    case 'stream':
      return joined(output.text);
    case 'error':
      return `${output.ename}: ${output.evalue}`;
    default: {
      const data = (output.data ?? {}) as Record<string, unknown>;
      const rich = Object.keys(data).filter(type => type !== 'text/plain');
      const told = rich.map(type => `<${type}, ${size(data[type])}, ${fingerprint(data[type])}>`);
      return [joined(data['text/plain'] ?? ''), ...told].filter(Boolean).join('\n');
    }
  }
}

function joined(text: unknown): string {
  return Array.isArray(text) ? text.join('') : String(text);
}

function size(data: unknown): string {
  const bytes = typeof data === 'string' || Array.isArray(data) ? joined(data).length : JSON.stringify(data).length;
  return bytes < 1000 ? `${bytes} B` : `${Math.round(bytes / 1000)} kB`;
}

/** A few letters that tell two images of one size apart. */
function fingerprint(data: unknown): string {
  let hash = 5381;
  for (const letter of typeof data === 'string' ? data : JSON.stringify(data)) {
    hash = ((hash * 33) ^ letter.charCodeAt(0)) >>> 0;
  }
  return hash.toString(36);
}
