/** Things that were at one time. */
interface Timed {
  /** In seconds since 1970. */
  at: number;
}

/** Group what comes the newest first by day, in the order that it has. */
export function byDay<T extends Timed>(all: T[]): T[][] {
  const days: T[][] = [];
  for (const one of all) {
    const last = days[days.length - 1];
    last && dayOf(last[0].at) === dayOf(one.at) ? last.push(one) : days.push([one]);
  }
  return days;
}

/** How many days ago that was, by the calendar: 0 is today. */
export function daysAgo(at: number, now: Date = new Date()): number {
  const midnight = (time: Date) => new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
  return Math.round((midnight(now) - midnight(new Date(at * 1000))) / 86_400_000);
}

/** The day in words of the person's language. */
export function dayOf(at: number): string {
  const options: Intl.DateTimeFormatOptions = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' };
  return new Date(at * 1000).toLocaleDateString(undefined, options);
}

/** The time of day, to the minute. */
export function timeOf(at: number): string {
  return new Date(at * 1000).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}
