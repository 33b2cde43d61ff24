// Builds dist/ if the source changed since the last build.
import { buildIfChanged } from './lib.mjs';

process.exitCode = (await buildIfChanged()) ? 0 : 1;
