import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from './config.js';

/**
 * JSON lines on standard output: `level` in words, `time` as RFC 3339, `msg`, and under `err` what
 * was thrown with its causes. Ids of people are never logged; addresses of engines hold passwords
 * and are redacted wherever they stand.
 */
export function createLogger({
  level,
  destination,
}: {
  level: LogLevel;
  /** Standard output when absent. */
  destination?: DestinationStream;
}): Logger {
  const options = {
    level,
    base: undefined,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: ['redisUrl', 'postgresUrl', '*.redisUrl', '*.postgresUrl'],
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
