// Which JavaScript does the first picture wait for? Read off a build: the page's scripts and preloads, everything that they
// import statically, the workers that they start, and the scenario that a plain visit opens. `e2e/first-picture.spec.ts` shows
// that no more is needed.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { project } from './lib.mjs';

/** @param {string} dist */
export const scriptsOf = (dist) =>
  readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => /\.m?js$/.test(file));

/** How the chunk of the scenario is called that a plain visit opens: the first card of the library. Its text for the editor is called so, too. */
function usualScenario() {
  const cards = JSON.parse(readFileSync(join(project, 'src/scenario/library/cards.json'), 'utf8'));
  return new RegExp(`\\b${cards[0].id}\\.scenario-[\\w-]+\\.js\\b`);
}

/**
 * @param {string} dist
 * @returns {Map<string, string>} file → why it is needed
 */
export function scriptsOfFirstPicture(dist) {
  const scripts = scriptsOf(dist);
  /** @type {Map<string, string>} */
  const needed = new Map();

  /**
   * @param {string} file
   * @param {string} why
   */
  function need(file, why) {
    if (needed.has(file) || !scripts.includes(file)) return;
    needed.set(file, why);
    const code = readFileSync(join(dist, file), 'utf8');
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

  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  for (const [, path] of html.matchAll(
    /<(?:script|link rel="modulepreload")[^>]*?(?:src|href)="\.?\/?([^"]+)"/g,
  )) {
    if (path) need(path, 'index.html');
  }
  const [scenario] = [...needed.keys()].flatMap(
    (file) => usualScenario().exec(readFileSync(join(dist, file), 'utf8'))?.[0] ?? [],
  );
  if (!scenario) throw new Error('the chunk of the usual scenario was not found');
  need(`assets/${scenario}`, 'the usual scenario');
  return needed;
}
