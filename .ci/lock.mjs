// npm run lock: writes package-lock.json anew from package.json, in an empty folder, and completes it.
//
// A lock file should name the native packages of every platform, or `npm ci` refuses it and people on other systems
// miss theirs. npm leaves out those that the registry at hand does not carry (a mirror may keep one platform only), so
// they are added here from what their parents ask for. Their checksums are not known then; npm checks none for them.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { project, unlockedPackages } from './lib.mjs';

const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

/**
 * The platform that a native package is for, read off its name: `@biomejs/cli-linux-x64-musl`.
 * @param {string} name
 */
function platform(name) {
  const words = name.split(/[/-]/).flatMap((word) => (/^arm(eabi|musl|gnu)/.test(word) ? ['arm'] : [word]));
  const os = words.filter((word) => SYSTEMS.includes(word));
  const cpu = words.filter((word) => PROCESSORS.includes(word));
  if (cpu.length === 0) throw new Error(`For which platform is ${name}?`);
  const libc =
    words.includes('musl') || name.endsWith('musleabihf') ? 'musl' : os[0] === 'linux' ? 'glibc' : undefined;
  return { cpu, ...(libc ? { libc: [libc] } : {}), ...(os.length > 0 ? { os } : {}) };
}

const folder = mkdtempSync(join(tmpdir(), 'sevscope-lock-'));
try {
  for (const file of ['package.json', '.npmrc']) copyFileSync(join(project, file), join(folder, file));
  const { status } = spawnSync('npm', ['install', '--package-lock-only'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('npm could not make a lock file: see above.');
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  for (const { path, name, version, dev } of unlockedPackages(lock)) {
    lock.packages[path] = { version, ...platform(name), ...(dev ? { dev } : {}), optional: true };
    console.log(`added ${name}@${version}`);
  }
  const { '': root, ...others } = lock.packages;
  const sorted = Object.entries(others).sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = { '': root, ...Object.fromEntries(sorted) };
  writeFileSync(join(project, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
