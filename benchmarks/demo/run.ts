import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writeMarked } from '../quality/markedSection.js';
import { demoExcerpt } from './excerpt.js';

const inProject = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Plays the demo, and shows in the README what it printed. */
const printed = execFileSync(process.execPath, [inProject('dist/main.js'), 'demo'], { encoding: 'utf8' });
const readme = readFileSync(inProject('README.md'), 'utf8');
const content = demoExcerpt(printed);
writeFileSync(inProject('README.md'), writeMarked(readme, { name: 'demo', content }));
console.log(content);
