// How much JavaScript must arrive before the first picture? Reads dist/, sums the gzip sizes of the page's scripts, of
// everything they import statically, and of the workers they start; fails when that is over the budget.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import { project } from './lib.mjs';

// The target, and what is held until it is met: growth beyond `HELD_KB` fails, every saving lowers it. React DOM alone is 64 kB
// of it, the engine with its schemas 75 kB.
const TARGET_KB = 150;
const HELD_KB = 176;
const dist = join(project, 'dist');

if (!existsSync(join(dist, 'index.html'))) {
  console.error('dist/ is not there: run `npm run build` first.');
  process.exit(1);
}

/** @type {Record<string, { file: string, isEntry?: boolean, imports?: string[] }>} */
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));
const html = readFileSync(join(dist, 'index.html'), 'utf8');
const scripts = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /\.m?js$/.test(file));

/** @type {Map<string, string>} file → why it is needed */
const needed = new Map();

/** @param {string} file */
const text = (file) => readFileSync(join(dist, file), 'utf8');

/**
 * @param {string} file
 * @param {string} why
 */
function need(file, why) {
  if (needed.has(file) || !scripts.includes(file)) return;
  needed.set(file, why);
  const code = text(file);
  for (const [, path] of code.matchAll(
    /\b(?:import|export)\s*(?:[\w$*{}\s,]*?\bfrom\s*)?["'`](\.{1,2}\/[^"'`]+)["'`]/g,
  )) {
    if (path) need(posix.join(posix.dirname(file), path), `imported by ${posix.basename(file)}`);
  }
  for (const [start] of code.matchAll(/new\s+(?:Shared)?Worker\([^;]{0,300}/g)) {
    for (const script of scripts) {
      if (start.includes(posix.basename(script))) need(script, `worker of ${posix.basename(file)}`);
    }
  }
}

for (const [, path] of html.matchAll(
  /<(?:script|link rel="modulepreload")[^>]*?(?:src|href)="\.?\/?([^"]+)"/g,
)) {
  if (path) need(path, 'index.html');
}
for (const chunk of Object.values(manifest)) {
  if (!chunk.isEntry) continue;
  need(chunk.file, 'entry');
  for (const name of chunk.imports ?? []) {
    const imported = manifest[name];
    if (imported) need(imported.file, `imported by ${posix.basename(chunk.file)}`);
  }
}

/** @param {string} file */
const gzipped = (file) => gzipSync(text(file), { level: 9 }).length / 1000;
/** @param {number} kb */
const kB = (kb) => `${kb.toFixed(1).padStart(7)} kB`;

let total = 0;
for (const [file, why] of needed) {
  const size = gzipped(file);
  total += size;
  console.log(`${kB(size)}  ${file}  (${why})`);
}
for (const file of scripts) {
  if (!needed.has(file)) console.log(`${kB(gzipped(file))}  ${file}  (later, not counted)`);
}
console.log(`${kB(total)}  gzip in all; held at ${HELD_KB} kB, the target is ${TARGET_KB} kB`);
if (needed.size === 0) console.error('No script was found that the page needs: the check itself is broken.');
if (needed.size === 0 || total > HELD_KB) process.exitCode = 1;
