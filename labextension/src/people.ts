import type { LiveUser } from './protocol';

/** Somebody who is in a document, in however many tabs. */
export interface Person {
  username: string;
  name: string;
  initials: string;
  /** A CSS colour. */
  color: string;
  /** Address of a picture; empty without one. */
  picture: string;
  /** Is this the person at this screen? */
  self: boolean;
}

/**
 * Who is here, each once: the person at this screen first, the others by name.
 *
 * @param states awareness states by client
 * @param ownClient the client of this page
 */
export function people(states: Map<number, { user?: Partial<LiveUser> }>, ownClient: number): Person[] {
  const found = new Map<string, Person>();
  const self = states.get(ownClient)?.user?.username;
  for (const { user } of states.values()) {
    // Programs that edit along may have no user name: they are no people.
    if (user?.username && !found.has(user.username)) {
      const name = user.display_name || user.name || user.username;
      found.set(user.username, {
        username: user.username,
        name,
        initials: user.initials || initials(name),
        color: user.color || 'var(--jp-border-color1)',
        picture: user.avatar_url || '',
        self: user.username === self
      });
    }
  }
  return [...found.values()].sort((a, b) => Number(b.self) - Number(a.self) || a.name.localeCompare(b.name));
}

function initials(name: string): string {
  return name
    .split(/\s+/)
    .slice(0, 2)
    .map(word => [...word][0] ?? '')
    .join('')
    .toUpperCase();
}
