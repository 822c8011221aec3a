/**
 * Where an offset into one text is in another that was made from it: the same place where what is before it or what is
 * behind it has stayed, else where the change begins. Pure.
 */
export function follow(offset: number, before: string, after: string): number {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) {
    head += 1;
  }
  if (offset <= head) {
    return offset;
  }
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) {
    tail += 1;
  }
  const behind = before.length - offset;
  return behind <= tail ? after.length - behind : head;
}
