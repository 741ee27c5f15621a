import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApp } from '../src/app.js';
import { createLogger } from '../src/logger.js';
import { createServer } from '../src/server/createServer.js';
import { parseTouchPolicy } from '../src/touch/parseTouchPolicy.js';
import { tempDir } from './support/tempDir.js';

const inProject = (path: string) => new URL(`../${path}`, import.meta.url).pathname;
const DOCUMENT = readFileSync(inProject('docs/touch.md'), 'utf8');
const ADDRESS = '127.0.0.1:50051';
const BLOCK_ENDS = '-- end of block --';

/** What is to be pasted, with the answer that is shown below it. */
const BLOCKS = [...DOCUMENT.matchAll(/```sh\n([\s\S]*?)```\n(?:\n```json\n([\s\S]*?)```)?/g)].map(
  ([, commands = '', shown]) => ({ commands, shown }),
);

describe('docs/touch.md', () => {
  it('can be pasted as it stands, and is answered as it says', async () => {
    const { address, app } = await startServer();
    const outputs = await paste(
      BLOCKS.map(({ commands }) => commands),
      address,
    );
    const answers = outputs.map(answersIn);
    const answersTo = (rpc: string) => answers[BLOCKS.findIndex(({ commands }) => commands.includes(rpc))];
    for (const [i, { shown }] of BLOCKS.entries()) {
      if (shown !== undefined) expect(answers[i]?.at(-1)).toMatchObject(JSON.parse(shown));
    }
    expect(BLOCKS.filter(({ shown }) => shown !== undefined).length).toBeGreaterThan(3);
    expect(answersTo('/CommitTouch')).toEqual([{ committedAt: expect.any(String) }]);
    expect(answersTo('/ReleaseTouch')).toEqual([{}]);
    expect(answersTo('/CanTouchBatch')).toMatchObject([
      { messageNumber: '1', results: [{ decision: {} }, { violations: [{}] }] },
      { messageNumber: '2', results: [{ decision: {} }] },
      { messageNumber: '1', results: [{ permit: {} }, { permit: {} }] },
    ]);
    const { caps, version } = app.useCases.touch.policy();
    expect([version, caps.find(({ id }) => id === 'email_week')?.cap]).toEqual([1, 2]);
  }, 60_000);

  it('has a policy file that is sound', () => {
    const policy = parseTouchPolicy(/```yaml\n([\s\S]*?)```/.exec(DOCUMENT)?.[1] ?? '');
    expect(policy.caps).toHaveLength(1);
  });
});

/** What each block writes, pasted one after the other into one shell. */
async function paste(blocks: readonly string[], address: string): Promise<string[]> {
  const directory = tempDir();
  symlinkSync(inProject('node_modules'), join(directory, 'node_modules'));
  const script = blocks.map((block) => `${block.replaceAll(ADDRESS, address)}\necho '${BLOCK_ENDS}'\n`);
  const { stdout } = await promisify(execFile)('bash', ['-euc', script.join('')], { cwd: directory });
  return stdout.split(`${BLOCK_ENDS}\n`).slice(0, -1);
}

function answersIn(output: string): unknown[] {
  const texts = output.split(/^(?=\{)/m).filter((text) => text.trim() !== '');
  return texts.map((text) => JSON.parse(text) as unknown);
}

/** One that knows nothing; it ends with the test. */
async function startServer() {
  const logger = createLogger({ level: 'silent' });
  const app = await createApp({ dataDir: 'memory', maxCandidates: 2_000, log: logger });
  const server = createServer({ useCases: app.useCases, logger });
  onTestFinished(async () => {
    await server.stop();
    await app.close();
  });
  return { app, address: await server.start('127.0.0.1:0') };
}
