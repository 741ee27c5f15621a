import { hashText } from '../core/random.js';

/**
 * Whether a user is among those who see no boost: by their id alone, so that it is the same at every
 * server and for ever, and a larger hold-out keeps everybody of a smaller one.
 */
export function isHeldOut(userId: string, heldOutRatio: number): boolean {
  return mixed(hashText(`fairness\n${userId}`)) < heldOutRatio * 2 ** 32;
}

/** FNV leaves neighbours of an id close to each other; the finaliser of MurmurHash3 spreads them. */
function mixed(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
