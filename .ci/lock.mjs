// npm run lock: writes package-lock.json anew from package.json, in an empty folder.
// Why: with omit-lockfile-registry-resolved, an `npm install` beside an existing node_modules drops the versions of the
// optional packages for other platforms, and `npm ci` then refuses the file.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { project } from './lib.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sevscope-lock-'));
try {
  for (const file of ['package.json', '.npmrc']) copyFileSync(join(project, file), join(folder, file));
  const { status } = spawnSync('npm', ['install', '--package-lock-only'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status === 0) copyFileSync(join(folder, 'package-lock.json'), join(project, 'package-lock.json'));
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
