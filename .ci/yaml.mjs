// A scenario file as a JavaScript module: one translation for the build, the tests and the command line.
import { parse } from 'yaml';

/** @param {string} url a path or an address, without a query */
export const isScenario = (url) => url.endsWith('.scenario.yaml');

/**
 * @param {string} text the YAML
 * @param {string} file its name, for the error message
 */
export function scenarioModule(text, file) {
  try {
    return `export default JSON.parse(${JSON.stringify(JSON.stringify(parse(text)))});\n`;
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : error}`);
  }
}
