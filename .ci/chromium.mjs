// Finds a Chromium for the browser tests, or gets one. Node built-ins only: it runs before anything is installed.
//   node .ci/chromium.mjs    makes sure that one is there and prints its path
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PLACES = [
  '/usr/bin',
  ...(process.env.PATH ?? '').split(delimiter),
  '/Applications/Chromium.app/Contents/MacOS',
  '/Applications/Google Chrome.app/Contents/MacOS',
];

/** Flags for a headless browser that talks to nobody but the page under test. */
export const chromiumFlags = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Playwright's own download, if somebody made it. */
function playwrightsOwn() {
  try {
    const { chromium } = createRequire(import.meta.url)('@playwright/test');
    return chromium.executablePath();
  } catch {
    return undefined;
  }
}

/**
 * The path of a Chromium that is here now, without installing anything.
 * @returns {string | undefined}
 */
export function findChromium() {
  const wished = process.env.CHROMIUM_PATH;
  if (wished) {
    if (!isProgram(wished)) throw new Error(`CHROMIUM_PATH is not a program: ${wished}`);
    return wished;
  }
  const names = process.platform === 'darwin' ? [...NAMES, 'Chromium', 'Google Chrome'] : NAMES;
  for (const name of names) {
    for (const place of PLACES) {
      const path = join(place, name);
      if (place && isProgram(path)) return path;
    }
  }
  const own = playwrightsOwn();
  return own && isProgram(own) ? own : undefined;
}

/** @param {string} path */
function starts(path) {
  return spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 60_000 }).status === 0;
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args, timeout = 600_000) {
  console.error(`$ ${command} ${args.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // what these print is progress: it goes to stderr, so that stdout holds the path alone
  const shell = process.platform === 'win32';
  return (
    spawnSync(command, args, { cwd: project, stdio: ['ignore', 2, 2], env, timeout, shell }).status === 0
  );
}

/**
 * The path of a Chromium that starts; installs one if there is none.
 * @returns {string}
 */
export function ensureChromium() {
  const present = findChromium();
  if (present && starts(present)) return present;

  console.error('No Chromium found; trying to install one.');
  run('npx', ['--no-install', 'playwright', 'install', 'chromium'], 300_000);
  const downloaded = findChromium();
  if (downloaded && starts(downloaded)) return downloaded;

  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    if (
      run('apt-get', ['update']) &&
      run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'])
    ) {
      const packaged = findChromium();
      if (packaged && starts(packaged)) return packaged;
    }
  }
  throw new Error(
    'No Chromium could be found or installed. Install Chromium or Chrome, or set CHROMIUM_PATH to one, and try again.',
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(ensureChromium());
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
