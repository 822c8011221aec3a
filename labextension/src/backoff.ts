import { LiveError } from './errors';

/** Milliseconds; no pause is shorter. */
export const SHORTEST = 100;

/** Milliseconds; no pause is longer. */
export const LONGEST = 10_000;

/** From one pause to the next. With this one, a pause is at most about half as long as the outage has been so far. */
const GROWTH = 1.3;

/**
 * How long to wait before trying to connect again: exponential, with full jitter.
 *
 * The jitter spreads a whole class that lost the server at one moment, so that it does not come back as one herd.
 *
 * @param attempt failed attempts so far, from 0
 * @param random a number in [0, 1)
 * @returns milliseconds
 */
export function pause(attempt: number, random = Math.random()): number {
  const longest = Math.min(LONGEST, SHORTEST * GROWTH ** (attempt + 1));
  return SHORTEST + random * (longest - SHORTEST);
}

/**
 * Ask the server again and again, after growing pauses, until it answers.
 *
 * @param ask throws a LiveError that is not final where there was no answer
 * @param isOver nobody wants to know any more
 * @throws LiveError final, or what else `ask` throws
 */
export async function patiently<T>(ask: () => Promise<T>, isOver = () => false): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof LiveError) || error.final || isOver()) {
        throw error;
      }
      await new Promise(resume => setTimeout(resume, pause(attempt)));
    }
  }
}
