/** What is known of a server that ends at some time, with everything on it. */
export interface Temporary {
  /** Where it was launched; may be empty. */
  host: string;
  /** What it was launched from; may be empty. */
  repo: string;
  /** When it ends at the latest, in milliseconds since 1970; null where that is not known. */
  ends: number | null;
  /** Seconds after which it ends when nobody has it open; null where that is not known. */
  idle: number | null;
}

/** Minutes before the end at which it is told again. */
const REMINDERS = [10, 30];

/**
 * Which reminder is due: so many minutes are left at the most.
 *
 * @param told the last one that was told; null before the first
 * @returns null when there is nothing new to tell
 */
export function reminder(ends: number | null, now: number, told: number | null): number | null {
  if (ends === null) {
    return null;
  }
  const due = REMINDERS.find(minutes => ends - now <= minutes * 60_000);
  return due !== undefined && (told === null || due < told) ? due : null;
}

/** What the page's configuration says; null on a server that stays. */
export function readTemporary(option: string): Temporary | null {
  return option ? (JSON.parse(option) as Temporary) : null;
}
