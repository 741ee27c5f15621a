import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { InvalidInputError } from '../core/errors.js';

/** Stands in for a request that was not decoded. */
export class MalformedRequest {
  readonly problem: InvalidInputError;

  constructor(rule: string) {
    this.problem = new InvalidInputError({ field: 'request', rule });
  }
}

/**
 * Entries of a message, lists counted one by one. More than any list may hold, and few enough to be decoded within
 * a few hundredths of a second: 16 MB can be eight million empty ones, whose decoding keeps all others waiting for seconds.
 */
const MOST_ENTRIES = 200_000;
/** No entry takes fewer bytes, so that smaller messages need no counting. */
const BYTES_PER_ENTRY = 2;

function hasTooManyEntries(bytes: Uint8Array): boolean {
  if (bytes.length <= BYTES_PER_ENTRY * MOST_ENTRIES) return false;
  const reader = new BinaryReader(bytes);
  for (let entries = 0; reader.pos < reader.len; entries += 1) {
    if (entries === MOST_ENTRIES) return true;
    const [field, type] = reader.tag();
    reader.skip(type, field);
  }
  return false;
}

/**
 * The same service, whose decoding never throws: gRPC would answer INTERNAL, as if it were our
 * fault, and end a stream for one bad message. Handlers get a `MalformedRequest` instead, for what is no message
 * of the contract and for one of too many entries.
 */
export function tolerantOfMalformed<Service extends ServiceDefinition<UntypedServiceImplementation>>(
  service: Service,
): Service {
  const methods = Object.entries(service).map(([name, method]) => [
    name,
    {
      ...method,
      requestDeserialize: (bytes: Buffer): unknown => {
        try {
          if (hasTooManyEntries(bytes)) {
            return new MalformedRequest(`must have at most ${MOST_ENTRIES} entries`);
          }
          return method.requestDeserialize(bytes);
        } catch {
          return new MalformedRequest('must be a valid protobuf message');
        }
      },
    },
  ]);
  return Object.fromEntries(methods) as Service;
}
