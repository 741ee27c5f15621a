import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelManifest } from '../inference/manifest.js';
import { MANIFEST_FILE, MODEL_CARD_FILE } from './trainModel.js';

/**
 * Puts the model of `from` into `to`, replacing the one there. Models carry their version in the file
 * name and the manifest comes last, in one step: whoever reads `to` at any moment finds the old model
 * or the new one, whole. Models that no manifest names any more are removed.
 */
export async function installModel(options: {
  manifest: ModelManifest;
  from: string;
  to: string;
}): Promise<void> {
  const { manifest, from, to } = options;
  await mkdir(to, { recursive: true });
  for (const file of [manifest.modelFile, MODEL_CARD_FILE, MANIFEST_FILE]) {
    // Copied first: the two folders may lie on different file systems.
    const draft = join(to, `.${file}.new`);
    await copyFile(join(from, file), draft);
    await rename(draft, join(to, file));
  }
  for (const file of await readdir(to)) {
    if (file.endsWith('.onnx') && file !== manifest.modelFile) await rm(join(to, file));
  }
}
