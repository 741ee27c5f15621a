/**
 * How many parts all people are split into. A part is what a projector owns under a lease, what is
 * rebuilt at a time, and one hash slot of a Redis Cluster, so that a script may touch everything of
 * its people. The number is in the truth's rows and in the online store's keys: it never changes.
 * 64 lets an online store grow to 64 primaries and costs an idle log nothing.
 */
export const PARTITIONS = 64;

/** The partition of a person, 0 to `PARTITIONS` − 1: FNV-1a over the UTF-8 bytes of the id. */
export function partitionOf(userId: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(userId)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  // The low bits of FNV-1a mix worst for short ids: fold the high half into them.
  return ((hash >>> 16) ^ hash) & (PARTITIONS - 1);
}
