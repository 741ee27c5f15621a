import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A Lua script as it is called: by its hash, and by its text where a server does not know it yet. */
export interface RedisScript {
  readonly name: string;
  readonly keyCount: number;
  readonly lua: string;
  readonly sha1: string;
}

/** Key count and file name of a script: `compareAndSetTouchLog-2` has two. */
export type ScriptName = `${string}-${number}`;

/**
 * A script of `scripts/`, which the build copies beside the compiled code. Each documents in its
 * head what it is for, what it guarantees, all KEYS and ARGV, the answer and the cost. The keys of
 * a call lie in one slot; time is passed in.
 */
export function loadScript(name: ScriptName): RedisScript {
  const lua = readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8');
  const keyCount = Number(name.slice(name.lastIndexOf('-') + 1));
  return { name, keyCount, lua, sha1: createHash('sha1').update(lua).digest('hex') };
}
