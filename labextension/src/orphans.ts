/** What a cell tells of its execution in the server, as far as it matters here. */
export interface Running {
  cell: string;
  /** Where the server tells how the execution fares. */
  url: string;
}

/** The awareness state of a page, as far as it matters here. */
export interface Claims {
  /** Cells that this page has run, and whose questions it asks its user. */
  running?: unknown;
}

/** The executions that no page looks after any more: whoever started them has left. */
export function orphans(running: Running[], states: Iterable<Claims>): Running[] {
  const claimed = new Set<unknown>();
  for (const { running: cells } of states) {
    if (Array.isArray(cells)) {
      cells.forEach(cell => claimed.add(cell));
    }
  }
  return running.filter(({ cell }) => !claimed.has(cell));
}
