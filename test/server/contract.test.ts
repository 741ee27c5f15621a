import { readdirSync, readFileSync } from 'node:fs';
import { Client, credentials, status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BEHAVIOUR_TYPES, CHANNELS, DEGRADATION_LEVELS, TAG_FIELDS } from '../../src/core/vocabulary.js';
import { DegradationLevel } from '../../src/gen/tagrank/v1/recommendation.js';
import { TagField } from '../../src/gen/tagrank/v1/tag.js';
import { DecisionKind, Enforcement, Outcome } from '../../src/gen/tagrank/v1/touch.js';
import { BehaviourType, Channel } from '../../src/gen/tagrank/v1/vocabulary.js';
import { toEpochMs, toNumber, toTimestamp } from '../../src/server/convert/scalars.js';
import {
  behaviourTypes,
  channels,
  degradationLevels,
  tagFields,
} from '../../src/server/convert/vocabulary.js';
import { TOUCH_OUTCOMES } from '../../src/touch/touch.js';
import { serve } from './serve.js';

const PROTO_DIR = new URL('../../proto/tagrank/v1/', import.meta.url);

/** Names of an enum of the contract in lower case, without the first (`UNSPECIFIED`). */
const wordsOf = (codes: Record<string, unknown>): string[] =>
  Object.keys(codes)
    .filter((name) => Number.isNaN(Number(name)) && name !== 'UNSPECIFIED')
    .map((name) => name.toLowerCase());

/** Every RPC of the contract: its path, and whether its comment says UNIMPLEMENTED. */
function rpcs(): { path: string; comment: string; isStream: boolean }[] {
  return readdirSync(PROTO_DIR).flatMap((file) => {
    const text = readFileSync(new URL(file, PROTO_DIR), 'utf8');
    const service = /service (\w+)/.exec(text)?.[1];
    return [...text.matchAll(/((?: {2}\/\/.*\n)+) {2}rpc (\w+)\((stream )?/g)].map(
      ([, comment = '', name, stream]) => ({
        path: `/tagrank.v1.${service}/${name}`,
        comment,
        isStream: stream !== undefined,
      }),
    );
  });
}

describe('the contract', () => {
  it.each([
    ['behaviour types', BEHAVIOUR_TYPES, BehaviourType],
    ['channels', CHANNELS, Channel],
    ['tag fields', TAG_FIELDS, TagField],
    ['degradation levels', DEGRADATION_LEVELS, DegradationLevel],
    ['outcomes', TOUCH_OUTCOMES, Outcome],
    ['decisions', ['allow', 'delay', 'deny'], DecisionKind],
    ['enforcements', ['enforced', 'shadow', 'bypassed'], Enforcement],
  ])('has the same %s as the rooms', (_, words, codes) => {
    expect(wordsOf(codes as Record<string, unknown>)).toEqual([...words]);
  });

  it('maps words to codes and back', () => {
    for (const word of BEHAVIOUR_TYPES) expect(behaviourTypes.toWord(behaviourTypes.toCode(word))).toBe(word);
    for (const word of CHANNELS) expect(channels.toWord(channels.toCode(word))).toBe(word);
    for (const word of TAG_FIELDS) expect(tagFields.toWord(tagFields.toCode(word))).toBe(word);
    for (const word of DEGRADATION_LEVELS) {
      expect(degradationLevels.toWord(degradationLevels.toCode(word))).toBe(word);
    }
    expect(channels.toWord(Channel.UNSPECIFIED)).toBeUndefined();
    expect(channels.toWord(99 as Channel)).toBeUndefined();
  });

  it('has the RPCs of the design', () => {
    expect(rpcs()).toHaveLength(38);
  });

  it.each(rpcs())(
    'answers $path as its comment says: later work is UNIMPLEMENTED',
    async ({ path, comment, isStream }) => {
      const { address } = await serve();
      const client = new Client(address, credentials.createInsecure());
      const asIs = (bytes: Buffer): Buffer => bytes;
      const code = await new Promise<status>((resolve) => {
        if (isStream) {
          const stream = client.makeBidiStreamRequest(path, asIs, asIs);
          stream.on('error', () => {}).on('status', (ended) => resolve(ended.code));
          stream.resume().end();
        } else {
          const call = client.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), () => {});
          call.on('status', (ended) => resolve(ended.code));
        }
      });
      client.close();
      if (comment.includes('UNIMPLEMENTED')) expect(status[code]).toBe('UNIMPLEMENTED');
      else expect(['OK', 'INVALID_ARGUMENT']).toContain(status[code]);
    },
  );
});

describe('times and numbers on the wire', () => {
  it('carry every millisecond of four thousand years there and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (ms) => {
        const timestamp = toTimestamp(ms);
        expect(timestamp.nanos).toBeGreaterThanOrEqual(0);
        expect(timestamp.nanos).toBeLessThan(1_000_000_000);
        expect(toEpochMs(timestamp)).toBe(ms);
      }),
    );
  });

  it('never turn what is out of range into something in range', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const inRange = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
        expect(Number.isSafeInteger(toNumber(value))).toBe(inRange);
      }),
    );
    expect(toEpochMs({ seconds: 0n, nanos: 1_000_000_000 })).toBeNaN();
  });
});
