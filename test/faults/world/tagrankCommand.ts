import { spawn } from 'node:child_process';

/** How a command ended, and what it said on both of its streams. */
export interface CommandEnd {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `tagrank` with these arguments as an operator does. */
export async function runTagrankCommand(
  args: readonly string[],
  { program, env }: { program: string; env: NodeJS.ProcessEnv },
): Promise<CommandEnd> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}
