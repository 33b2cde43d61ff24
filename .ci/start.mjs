// npm start: installs and builds what is missing or out of date, then serves the built page.
import { buildIfChanged, install, project } from './lib.mjs';

if (!(await install()) || !(await buildIfChanged())) {
  console.error('SEVscope could not be started: see above.');
  process.exit(1);
}
const { preview } = await import('vite');
const server = await preview({
  root: project,
  logLevel: 'error',
  preview: { host: '127.0.0.1', port: 4173 },
});
const url = server.resolvedUrls?.local[0];
console.log(`SEVscope is running at ${url} (Ctrl+C stops it)`);
