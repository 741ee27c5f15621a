import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Violation } from '../core/errors.js';

const BAD_REQUEST_TYPE = 'type.googleapis.com/google.rpc.BadRequest';

/**
 * A `google.rpc.Status` holding a `google.rpc.BadRequest`, for the trailer
 * `grpc-status-details-bin` that gRPC clients of every language know how to read. Written by hand
 * because it is three small messages (field numbers from google/rpc/status.proto and
 * google/rpc/error_details.proto).
 */
export function badRequestDetails({
  code,
  text,
  violations,
}: {
  code: number;
  text: string;
  violations: readonly Violation[];
}): Buffer {
  const badRequest = new BinaryWriter();
  for (const { field, rule } of violations) {
    badRequest.uint32(tag(1)).fork();
    badRequest.uint32(tag(1)).string(field).uint32(tag(2)).string(rule);
    badRequest.join();
  }
  const status = new BinaryWriter();
  status.uint32(VARINT_TAG_1).int32(code).uint32(tag(2)).string(text).uint32(tag(3)).fork();
  status.uint32(tag(1)).string(BAD_REQUEST_TYPE).uint32(tag(2)).bytes(badRequest.finish());
  return Buffer.from(status.join().finish());
}

const VARINT_TAG_1 = 1 << 3;

/** Key of a length-delimited field. */
function tag(field: number): number {
  return (field << 3) | 2;
}
