import type { Conflict } from './protocol';

/** Which version of a line is to stay. */
export type Choice = 'both' | 'mine' | 'theirs';

/** Replace what is between two offsets of a text. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/**
 * How to leave only one of two versions that stand one after the other.
 *
 * @returns the edit that removes the other one; undefined where the two are not (any more) in the text as they were told
 */
export function choose(text: string, { line, theirs, mine }: Conflict, choice: 'mine' | 'theirs'): Edit | undefined {
  const lines = text.split('\n');
  const [first, second] = [theirs, mine].map(linesOf);
  const pair = [...first, ...second];
  const places = lines
    .map((_, at) => at)
    .filter(at => pair.length > 0 && pair.every((content, n) => lines[at + n] === content))
    .sort((a, b) => Math.abs(a + 1 - line) - Math.abs(b + 1 - line));
  if (!places.length) {
    return undefined;
  }
  const from = places[0] + (choice === 'mine' ? 0 : first.length);
  const to = from + (choice === 'mine' ? first.length : second.length);
  return remove(lines, from, to);
}

function linesOf(version: string): string[] {
  return version === '' ? [] : version.replace(/\n$/, '').split('\n');
}

/** Remove whole lines; with them the line break behind, or the one in front where there is none behind. */
function remove(lines: string[], from: number, to: number): Edit {
  const length = (some: string[]) => some.reduce((sum, content) => sum + content.length + 1, 0);
  const start = length(lines.slice(0, from));
  const end = start + length(lines.slice(from, to));
  const isLast = to === lines.length;
  return { start: isLast ? Math.max(0, start - 1) : start, end: isLast ? end - 1 : end, text: '' };
}
