import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { InvalidInputError } from '../core/errors.js';

/** Stands in for a request whose bytes are no message of the contract. */
export class MalformedRequest {
  readonly problem = new InvalidInputError({ field: 'request', rule: 'must be a valid protobuf message' });
}

/**
 * The same service, whose decoding never throws: gRPC would answer INTERNAL, as if it were our
 * fault, and end a stream for one bad message. Handlers get a `MalformedRequest` instead.
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
          return method.requestDeserialize(bytes);
        } catch {
          return new MalformedRequest();
        }
      },
    },
  ]);
  return Object.fromEntries(methods) as Service;
}
