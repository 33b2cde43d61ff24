// How much JavaScript must arrive before the first picture? Reads dist/, sums the gzip sizes of all scripts that the first
// picture waits for; fails when that is over the budget.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { scriptsOf, scriptsOfFirstPicture } from './first-picture.mjs';
import { project } from './lib.mjs';

// React DOM alone is 66 kB of it, what powers the machine on and shows it 32 kB.
const BUDGET_KB = 150;
const dist = join(project, 'dist');

if (!existsSync(join(dist, 'index.html'))) {
  console.error('dist/ is not there: run `npm run build` first.');
  process.exit(1);
}

const needed = scriptsOfFirstPicture(dist);

/** @param {string} file */
const gzipped = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1000;
/** @param {number} kb */
const kB = (kb) => `${kb.toFixed(1).padStart(7)} kB`;

let total = 0;
for (const [file, why] of needed) {
  const size = gzipped(file);
  total += size;
  console.log(`${kB(size)}  ${file}  (${why})`);
}
for (const file of scriptsOf(dist)) {
  if (!needed.has(file)) console.log(`${kB(gzipped(file))}  ${file}  (later, not counted)`);
}
console.log(`${kB(total)}  gzip in all; the budget is ${BUDGET_KB} kB`);
if (total > BUDGET_KB) process.exitCode = 1;
