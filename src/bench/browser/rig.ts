import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type Browser, type BrowserContextOptions, chromium, type Page } from '@playwright/test';
import { build, type PreviewServer, preview } from 'vite';
import { chromiumFlags, ensureChromium } from '../../../.ci/chromium.mjs';
import { freePort, project } from '../../../.ci/lib.mjs';

interface Request {
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The app and the bench page, built afresh into a folder of their own and served, and a browser. */
export interface Rig {
  readonly app: string;
  readonly bench: string;
  /** What the server of the app was asked for, in order. */
  readonly requests: readonly Request[];
  /** Opens a page in a context of its own, with the probe in it. */
  page(options?: BrowserContextOptions): Promise<Page>;
  /** kB (1,000 bytes) of a file of the app, compressed. */
  gzipped(path: string): Promise<number>;
}

const VIEWPORT = { width: 1440, height: 900 };
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

let rig: Promise<Rig> | null = null;
const closing: (() => Promise<unknown>)[] = [];

export function openRig(): Promise<Rig> {
  rig ??= start();
  return rig;
}

export async function closeRig(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}

async function start(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'sevscope-bench-'));
  closing.push(() => rm(folder, { recursive: true }));
  const into = (name: string) => ({ outDir: join(folder, name), emptyOutDir: true });
  await build({ root: project, logLevel: 'error', build: into('app') });
  await build({
    root: project,
    logLevel: 'error',
    build: { ...into('bench'), rolldownOptions: { input: here('./page.html') } },
  });
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ...into('probe'),
      lib: {
        entry: here('./probe.ts'),
        formats: ['iife'],
        name: 'sevscopeProbe',
        fileName: () => 'probe.js',
      },
    },
  });
  const app = await serve(join(folder, 'app'));
  const bench = await serve(join(folder, 'bench'));
  const requests: Request[] = [];
  app.httpServer.on('request', ({ url = '' }) => {
    requests.push({ path: new URL(url, 'http://app').pathname.slice(1), at: Date.now() });
  });
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: chromiumFlags });
  closing.push(() => browser.close());
  return {
    app: addressOf(app),
    bench: `${addressOf(bench)}src/bench/browser/page.html`,
    requests,
    page: (options) => open(browser, join(folder, 'probe/probe.js'), options),
    gzipped: async (path) => gzipSync(await readFile(join(folder, 'app', path)), { level: 9 }).length / 1000,
  };
}

async function serve(outDir: string): Promise<PreviewServer> {
  const server = await preview({
    root: project,
    logLevel: 'error',
    build: { outDir },
    preview: { host: '127.0.0.1', port: await freePort(), strictPort: true },
  });
  closing.push(() => server.close());
  return server;
}

function addressOf(server: PreviewServer): string {
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error('the server has no address');
  return url;
}

async function open(browser: Browser, path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: VIEWPORT, ...options });
  await context.addInitScript({ path });
  return context.newPage();
}
