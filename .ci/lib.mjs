// What `npm start` and `npm test` share. Node built-ins only: node_modules may not exist yet.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const project = fileURLToPath(new URL('..', import.meta.url));
const BUILD_STAMP = join(project, 'node_modules/.cache/sevscope/build.sha256');

/** @param {string} file */
const readJson = (file) => JSON.parse(readFileSync(join(project, file), 'utf8'));

/**
 * Runs a command with the project's own tools on its PATH; resolves to its exit code.
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Promise<number>}
 */
export function run(command, args, env = {}) {
  const windows = process.platform === 'win32';
  const bin = join(project, 'node_modules/.bin');
  const path = `${bin}${windows ? ';' : ':'}${process.env.PATH ?? ''}`;
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd: project,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, PATH: path, ...env },
      shell: windows,
    });
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      done(1);
    });
    child.on('close', (code) => done(code ?? 1));
  });
}

/**
 * @typedef {{ version?: string, dev?: boolean, optional?: boolean, devOptional?: boolean,
 *   optionalDependencies?: Record<string, string> }} LockEntry
 * @typedef {{ packages: Record<string, LockEntry> }} Lock
 */

/**
 * The optional packages (native ones, for other platforms) that others ask for and that the lock file does not name.
 * @param {Lock} lock
 */
export function unlockedPackages({ packages }) {
  /** @type {Map<string, { path: string, name: string, version: string, dev: boolean }>} */
  const missing = new Map();
  for (const [parent, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const top = `node_modules/${name}`;
      const nested = `${parent}/${top}`;
      if (packages[nested] || (packages[top] && (packages[top].version === version || !/^\d/.test(version))))
        continue;
      const elsewhere = packages[top] ?? missing.get(top);
      const path = elsewhere && elsewhere.version !== version ? nested : top;
      missing.set(path, { path, name, version, dev: entry.dev === true });
    }
  }
  return [...missing.values()];
}

/**
 * Is what lies in node_modules what the lock file asks for? Compared by versions: a checkout changes file times.
 * @param {Lock} lock
 */
function isInstalled({ packages }) {
  if (!existsSync(join(project, 'node_modules/.package-lock.json'))) return false;
  const present = readJson('node_modules/.package-lock.json').packages;
  return Object.entries(packages).every(([path, { version, optional, devOptional }]) => {
    if (path === '') return true;
    const there = present[path];
    return there ? there.version === version : optional || devOptional;
  });
}

/** Installs what package-lock.json asks for, unless it is there. */
export async function install() {
  /** @type {Lock} */
  const lock = readJson('package-lock.json');
  const [lost] = unlockedPackages(lock);
  if (lost) {
    console.error(
      `package-lock.json does not name ${lost.name}: run \`npm run lock\` (.ci/lock.mjs says why).`,
    );
    return false;
  }
  if (isInstalled(lock)) return true;
  console.log('Installing the packages that package-lock.json names (once) …');
  return (await run('npm', ['ci', '--no-audit', '--no-fund', '--include=dev'])) === 0;
}

/**
 * @param {string} path
 * @param {import('node:crypto').Hash} hash
 */
function hashTree(path, hash) {
  const full = join(project, path);
  if (!existsSync(full)) return;
  if (statSync(full).isDirectory()) {
    for (const name of readdirSync(full).sort()) hashTree(`${path}/${name}`, hash);
  } else {
    hash.update(`${path}\0`).update(readFileSync(full)).update('\0');
  }
}

function sourceHash() {
  const hash = createHash('sha256');
  const sources = ['src', 'public', 'index.html', 'vite.config.ts', 'tsconfig.json', 'package-lock.json'];
  for (const path of [...sources, '.ci/csp.mjs', '.ci/yaml.mjs']) hashTree(path, hash);
  return hash.digest('hex');
}

/** Builds dist/, always. */
export async function build() {
  const hash = sourceHash();
  const code = await run('vite', ['build', '--logLevel', 'warn']);
  mkdirSync(dirname(BUILD_STAMP), { recursive: true });
  writeFileSync(BUILD_STAMP, code === 0 ? hash : '');
  return code === 0;
}

/** Builds dist/ if the source is not what dist/ was built from. */
export async function buildIfChanged() {
  const built = existsSync(join(project, 'dist/index.html')) && existsSync(BUILD_STAMP);
  if (built && readFileSync(BUILD_STAMP, 'utf8') === sourceHash()) return true;
  console.log('Building …');
  return build();
}

/** @returns {Promise<number>} a port of 127.0.0.1 that nobody listens on */
export function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => done(port));
    });
  });
}
