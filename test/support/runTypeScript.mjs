// Runs a TypeScript module as a process of its own: node runTypeScript.mjs MODULE [argument…]
import { runnerImport } from 'vite';

await runnerImport(process.argv[2], { configFile: false, logLevel: 'error' });
