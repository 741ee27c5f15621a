import { Command } from 'commander';
import type { CommandLine } from './commandLine.js';
export function demoCommand(_line: CommandLine): Command {
  return new Command('demo');
}
