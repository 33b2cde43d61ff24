// The page's Content-Security-Policy: nothing from anywhere else, no inline code, no eval.
import { createHash } from 'node:crypto';

// React Aria puts these two rules into the head itself. They are allowed by their hashes, one by one; the smoke test
// reports a violation if an update of the library words them differently.
const libraryStyles = [
  '@layer {\n  [data-react-aria-pressable] {\n    touch-action: pan-x pan-y pinch-zoom;\n  }\n}',
  '@layer {\n  * {\n    overscroll-behavior: contain;\n  }\n}',
];

/** @param {string} text */
const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const directives = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${libraryStyles.map(hash).join(' ')}`,
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
];

/** For the page itself, so that it holds on a static host too. */
export const metaPolicy = directives.join('; ');

/** For a server: a page cannot say by itself who may frame it. */
export const headerPolicy = [...directives, "frame-ancestors 'none'"].join('; ');
