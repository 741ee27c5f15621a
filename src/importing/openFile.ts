import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InvalidInputError } from '../core/errors.js';
import type { DataFile } from './dataFolder.js';

/** A file being read, once, from its beginning. */
export interface OpenFile {
  /** Its bytes, unpacked. Leaving the loop early closes the file. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Bytes read of the file as stored, so that a bar can be drawn over a packed file too. */
  bytesRead(): number;
}

/** Nothing is read before the first chunk is asked for. */
export function openFile(file: DataFile): OpenFile {
  const stored = createReadStream(file.path);
  const unpacked: Readable = file.gzipped
    ? pipeline(stored, createGunzip({ chunkSize: 64 * 1024 }), () => {})
    : stored;
  return { chunks: readChunks(unpacked, file), bytesRead: () => stored.bytesRead };
}

async function* readChunks(stream: Readable, file: DataFile): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('Z_')) throw error;
    throw new InvalidInputError({ field: file.fileName, rule: `must be a whole gzip file (${message})` });
  }
}
