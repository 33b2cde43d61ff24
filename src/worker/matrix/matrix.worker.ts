/// <reference lib="webworker" />
import { expose } from 'comlink';
import { loadScenario } from '../../scenario/library';
import { createMatrix } from './compute';
import { inBrowser, nowhere } from './kept';

// The name of a built file has a digest of everything in it, so it names the build.
expose(
  createMatrix({
    load: loadScenario,
    build: self.location.pathname,
    kept: import.meta.env.PROD ? inBrowser : nowhere,
  }),
);
