import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { headerPolicy, metaPolicy } from './.ci/csp.mjs';
import { isScenario, scenarioModule } from './.ci/yaml.mjs';

/** `import scenario from './x.scenario.yaml'` gives plain data; with `?raw` it is Vite's own business. */
function scenarioFiles(): Plugin {
  return {
    name: 'sevscope:scenario-yaml',
    enforce: 'pre',
    load(id) {
      if (!isScenario(id)) return null;
      return { code: scenarioModule(readFileSync(id, 'utf8'), id), map: null, moduleType: 'js' };
    },
  };
}

/** The policy travels in the page, so that it holds on a host that sends no headers. Not in `npm run dev`, which needs eval. */
function contentSecurityPolicy(): Plugin {
  return {
    name: 'sevscope:csp',
    apply: 'build',
    transformIndexHtml(html) {
      const charset = '<meta charset="utf-8" />';
      if (!html.includes(charset)) throw new Error(`index.html has no ${charset} to put the policy behind`);
      return html.replace(
        charset,
        `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${metaPolicy}" />`,
      );
    },
  };
}

/** The view that a plain visit sees. */
const FIRST_VIEW = 'src/ui/stage/memory/MemoryTab.tsx';

/** Fetches the first view along with the entry, instead of when the entry has run and asks for it. */
function firstView(): Plugin {
  return {
    name: 'sevscope:first-view',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {}, path }) {
        // The bench builds pages of its own.
        if (path !== '/index.html') return [];
        const view = Object.values(bundle).find(
          (file) => file.type === 'chunk' && file.facadeModuleId?.endsWith(FIRST_VIEW),
        );
        if (!view) throw new Error(`${FIRST_VIEW} has no chunk of its own to preload`);
        const files = new Set([view.fileName]);
        for (const name of files) {
          const file = bundle[name];
          if (file?.type === 'chunk') for (const imported of file.imports) files.add(imported);
        }
        const missing = [...files].filter((file) => !html.includes(file));
        return missing.map((file) => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `./${file}` },
          injectTo: 'head',
        }));
      },
    },
  };
}

const pwa = () =>
  VitePWA({
    registerType: 'autoUpdate',
    includeManifestIcons: false,
    // `src/ui/app/offline.ts` registers it, after everything that can be seen.
    injectRegister: false,
    manifest: {
      name: 'SEVscope',
      short_name: 'SEVscope',
      description: 'AMD memory encryption, byte by byte',
      start_url: './',
      scope: './',
      display: 'standalone',
      background_color: '#10151d',
      theme_color: '#10151d',
      icons: [
        { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
        { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'maskable' },
      ],
    },
    workbox: {
      globPatterns: ['**/*.{js,css,html,svg,png,woff2,wasm,json,yaml,txt}'],
      globIgnores: ['.vite/**'],
      maximumFileSizeToCacheInBytes: 8 * 1024 * 1024,
      cleanupOutdatedCaches: true,
      // An open page keeps the files it was built with: a new build's worker waits until the last page is closed.
      skipWaiting: false,
      clientsClaim: true,
      // The page comes from the server while there is one, so that a new build shows at once; from the cache without.
      directoryIndex: null,
      navigateFallback: null,
      runtimeCaching: [
        {
          urlPattern: ({ request }) => request.mode === 'navigate',
          handler: 'NetworkOnly',
          options: { precacheFallback: { fallbackURL: 'index.html' } },
        },
      ],
    },
  });

export default defineConfig({
  base: './',
  plugins: [scenarioFiles(), react(), contentSecurityPolicy(), firstView(), process.env.VITEST ? [] : pwa()],
  worker: { format: 'es', plugins: () => [scenarioFiles()] },
  build: { target: 'es2022', manifest: true },
  preview: { headers: { 'Content-Security-Policy': headerPolicy, 'X-Content-Type-Options': 'nosniff' } },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
    testTimeout: 20_000,
  },
});
