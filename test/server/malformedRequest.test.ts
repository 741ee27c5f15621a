import { describe, expect, it } from 'vitest';
import { TouchServiceService } from '../../src/gen/tagrank/v1/touch.js';
import { MalformedRequest, tolerantOfMalformed } from '../../src/server/malformedRequest.js';

/** So many empty questions, as a hostile caller would send them: two bytes each. */
function emptyQuestions(count: number): Buffer {
  return Buffer.alloc(2 * count, Uint8Array.of(0x0a, 0x00));
}

/** What handlers get for these bytes, and whether they were decoded. */
function received(bytes: Buffer) {
  let decoded = 0;
  const { requestDeserialize, ...method } = TouchServiceService.canTouchBatch;
  const { canTouchBatch } = tolerantOfMalformed({
    canTouchBatch: {
      ...method,
      requestDeserialize(given: Buffer) {
        decoded += 1;
        return requestDeserialize(given);
      },
    },
  });
  return { request: canTouchBatch.requestDeserialize(bytes) as unknown, decoded };
}

describe('decoding of requests', () => {
  it('refuses a message of too many entries before it decodes them', () => {
    const { request, decoded } = received(emptyQuestions(200_001));
    expect(decoded).toBe(0);
    expect(request).toBeInstanceOf(MalformedRequest);
    expect((request as MalformedRequest).problem.violations).toEqual([
      { field: 'request', rule: 'must have at most 200000 entries' },
    ]);
  });

  it('leaves to the handlers what has no more, and what is large by its texts alone', () => {
    expect(received(emptyQuestions(200_000)).request).toMatchObject({ questions: { length: 200_000 } });
    // Field 15 is none of the message: it is skipped, whatever its size.
    const longText = Buffer.concat([Buffer.of(0x7a, 0xc0, 0x84, 0x3d), Buffer.alloc(1_000_000, 'x')]);
    expect(received(longText)).toMatchObject({ decoded: 1, request: { questions: [] } });
  });

  it('calls bytes that are no entries no message, however many they are', () => {
    const { request } = received(Buffer.concat([emptyQuestions(100), Buffer.alloc(500_000, 0xff)]));
    expect((request as MalformedRequest).problem.violations).toEqual([
      { field: 'request', rule: 'must be a valid protobuf message' },
    ]);
  });
});
