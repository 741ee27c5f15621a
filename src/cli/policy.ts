import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { InvalidInputError } from '../core/errors.js';
import { createClient } from '../server/client.js';
import { fromTouchPolicy, toTouchPolicy } from '../server/convert/touchPolicy.js';
import { parseTouchPolicy } from '../touch/parseTouchPolicy.js';
import type { TouchPolicy } from '../touch/touchPolicy.js';
import { writeTouchPolicy } from '../touch/writeTouchPolicy.js';
import { type CommandLine, writeLines } from './commandLine.js';
import { EXIT, type ExitCode, exitCodesHelp } from './exitCodes.js';
import { mergePolicyFiles, type PolicyFile, titleOf } from './mergePolicyFiles.js';
import { packagePath } from './options.js';

const PRESETS = packagePath('policies');
const EXTENSION = '.yaml';

interface PolicySettings {
  readonly set?: string;
  readonly of?: string;
}

export function policyCommand(line: CommandLine): Command {
  return new Command('policy')
    .description('List the presets of touch control, or print some of them as one policy.')
    .argument('[presets...]', 'names of presets, or files of your own (with a dot or a slash in their names)')
    .option('--of <host:port>', 'print the policy in force at a running server, as a file to change')
    .option('--set <host:port>', 'put the policy into force at a running server instead of printing it')
    .addHelpText(
      'after',
      `
Presets hold what channels and laws publish, each rule with its source and date in a comment. All rules of a
policy hold at once, so of two caps on one channel the stricter one decides.

A policy replaces the one in force as a whole. To change some rules, print it, change the file, and set that.

Examples:
  tagrank policy
  tagrank policy --of 127.0.0.1:50051 > policy.yaml
  tagrank policy ./policy.yaml --set 127.0.0.1:50051
  tagrank policy wecom sms_china push_vivo > policy.yaml
  tagrank policy wecom own.yaml --set 127.0.0.1:50051

${exitCodesHelp([0, 1, 2])}`,
    )
    .action(async (names: string[], settings: PolicySettings) => {
      if (settings.of !== undefined) {
        if (names.length === 0 && settings.set === undefined)
          return line.end(await printInForce(line, settings.of));
        writeLines(line.stderr, ['error: --of prints what is in force, and takes neither names nor --set']);
        return line.end(EXIT.badUsage);
      }
      if (names.length > 0) return line.end(await combine(line, { names, ...settings }));
      if (settings.set === undefined) return line.end(await listPresets(line));
      writeLines(line.stderr, ['error: --set needs the names of presets or files to put into force']);
      line.end(EXIT.badUsage);
    });
}

async function listPresets({ stdout }: CommandLine): Promise<ExitCode> {
  const names = await presetNames();
  const width = Math.max(...names.map((name) => name.length));
  const lines = await Promise.all(
    names.map(async (name) => `${name.padEnd(width)}  ${titleOf((await readPolicyFile(name)).text)}`),
  );
  writeLines(stdout, lines);
  return EXIT.ok;
}

async function combine(
  line: CommandLine,
  { names, set }: PolicySettings & { names: readonly string[] },
): Promise<ExitCode> {
  const text = mergePolicyFiles(await Promise.all(names.map(readPolicyFile)));
  const policy = parseTouchPolicy(text);
  if (set === undefined) {
    line.stdout.write(text);
    return EXIT.ok;
  }
  return putIntoForce(line, { address: set, policy });
}

async function printInForce({ stdout, stderr }: CommandLine, address: string): Promise<ExitCode> {
  const client = createClient(address);
  try {
    const { policy } = await client.getTouchPolicy({});
    stdout.write(writeTouchPolicy(toTouchPolicy(policy)));
    return EXIT.ok;
  } catch (error) {
    writeLines(stderr, [`error: ${address}: ${(error as Error).message}`]);
    return EXIT.failed;
  } finally {
    client.close();
  }
}

async function putIntoForce(
  { stdout, stderr }: CommandLine,
  { address, policy }: { address: string; policy: TouchPolicy },
): Promise<ExitCode> {
  const client = createClient(address);
  try {
    const { policy: inForce } = await client.getTouchPolicy({});
    const { version } = await client.setTouchPolicy({
      policy: { ...fromTouchPolicy(policy), version: inForce?.version ?? 0n },
    });
    writeLines(stdout, [`version ${version} is in force`]);
    return EXIT.ok;
  } catch (error) {
    writeLines(stderr, [`error: ${address}: ${(error as Error).message}`]);
    return EXIT.failed;
  } finally {
    client.close();
  }
}

async function presetNames(): Promise<string[]> {
  const files = await readdir(PRESETS);
  return files
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => basename(file, EXTENSION))
    .sort();
}

async function readPolicyFile(name: string): Promise<PolicyFile> {
  const isFile = /[./\\]/.test(name);
  if (!isFile && !(await presetNames()).includes(name)) {
    throw new InvalidInputError({
      field: name,
      rule: 'is no preset; `tagrank policy` lists them, and a file of your own is named as ./name.yaml',
    });
  }
  try {
    return { name, text: await readFile(isFile ? name : join(PRESETS, `${name}${EXTENSION}`), 'utf8') };
  } catch (cause) {
    throw new InvalidInputError({
      field: name,
      rule: `must be a file that can be read: ${(cause as Error).message}`,
    });
  }
}
