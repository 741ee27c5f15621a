import { Command, CommanderError } from 'commander';
import type { CommandLine } from './commandLine.js';
import { writeLines } from './commandLine.js';
import { demoCommand } from './demo.js';
import { evaluateCommand } from './evaluate.js';
import { EXIT, type ExitCode, exitCodesHelp } from './exitCodes.js';
import { explainError } from './explainError.js';
import { fairnessCommand } from './fairness.js';
import { importCommand } from './import.js';
import { modelCommand } from './model.js';
import { policyCommand } from './policy.js';
import { rebuildCommand } from './rebuild.js';
import { serveCommand } from './serve.js';
import { trainCommand } from './train.js';
import { verifyCommand } from './verify.js';
import { weightsCommand } from './weights.js';

/**
 * Runs `tagrank` with these arguments (without those of node) and answers how the process should
 * end. Never rejects: what was thrown is explained on standard error.
 */
export async function runTagRank(
  args: readonly string[],
  process: Omit<CommandLine, 'end'>,
): Promise<ExitCode> {
  let ended: ExitCode = EXIT.ok;
  const line: CommandLine = {
    ...process,
    end: (code) => {
      ended = code;
    },
  };
  try {
    await program(line).parseAsync(args, { from: 'user' });
    return ended;
  } catch (error) {
    // Commander has said on standard error what is wrong; help that was asked for is no error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.badUsage;
    const { code, lines } = explainError(error);
    writeLines(line.stderr, lines);
    return code;
  }
}

const COMMANDS = [
  serveCommand,
  importCommand,
  policyCommand,
  rebuildCommand,
  verifyCommand,
  modelCommand,
  weightsCommand,
  fairnessCommand,
  trainCommand,
  evaluateCommand,
  demoCommand,
];

function program(line: CommandLine): Command {
  const tagrank = new Command('tagrank')
    .description('Recommendation, tagging and touch control for private-domain commerce, over gRPC.')
    .helpCommand(false)
    .addHelpText(
      'after',
      `
Examples:
  tagrank demo                     look at it work, on bundled data
  tagrank import ./data            bring in a folder of CSV files
  tagrank serve                    answer Rank, Track, CanTouch… on 127.0.0.1:50051

Settings are environment variables; \`tagrank serve --help\` lists them.

${exitCodesHelp([0, 1, 2, 3])}`,
    );
  for (const create of COMMANDS) {
    tagrank.addCommand(create(line));
  }
  const children = tagrank.commands.flatMap((command) => [command, ...command.commands]);
  for (const command of [tagrank, ...children]) {
    command
      .exitOverride()
      .configureOutput({
        writeOut: (text) => line.stdout.write(text),
        writeErr: (text) => line.stderr.write(text),
      })
      .showHelpAfterError(`(see \`${pathOf(command)} --help\`)`);
  }
  return tagrank;
}

/** As it is typed, e.g. `tagrank model add`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
