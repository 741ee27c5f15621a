import type { PermitOwner } from '../../touch/permitId.js';

/** The id that `newPermitId` made for the owner with this UUID, given in hexadecimal digits alone. */
export function ownPermit(owner: PermitOwner, hex: string): string {
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return startOf(owner) + uuid.join('-');
}

/** The 16 bytes in which it differs from the others of its owner; undefined for an id of another form. */
export function uuidOfOwnPermit(permitId: string, owner: PermitOwner): Uint8Array | undefined {
  const start = startOf(owner);
  if (!permitId.startsWith(start)) return undefined;
  const hex = permitId.slice(start.length).replaceAll('-', '');
  const isOwn = /^[\da-f]{32}$/.test(hex) && permitId === ownPermit(owner, hex);
  return isOwn ? Buffer.from(hex, 'hex') : undefined;
}

function startOf({ userId, channel }: PermitOwner): string {
  return `${channel}.${Buffer.from(userId).toString('base64url')}.`;
}
