import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type CertificateFile, certificateIn, checkCertificate } from './check/certificate-files';
import { firmwareTraces } from './check/firmware-traces';
import { RECOGNISERS } from './check/recognisers';
import type { Beside, CaseResult, Recogniser } from './check/result';
import { sevCertificates } from './check/sev-certificates';
import { type Command, EXIT_FAILED, EXIT_OK, type Output, printable, Refusal, UsageError } from './command';
import { jsonIn, readBytes, readText, smallFilesIn, textIn } from './input';

/** Far above any certificate, and above any description of a chain of them. */
const LARGEST = 64 * 1024;

function certificatesIn(folder: string): CertificateFile[] {
  return (smallFilesIn(folder, LARGEST) ?? []).flatMap((name) => {
    const certificate = certificateIn(readBytes(join(folder, name)));
    return certificate ? [{ name, certificate }] : [];
  });
}

/** A folder of certificates: every one of them, and every description of a chain. @throws Refusal when it holds none. */
function checkFolder(path: string, names: readonly string[]): CaseResult[] {
  const certificates = certificatesIn(path);
  if (certificates.length === 0)
    throw new Refusal(`${printable(path)}: it is a directory that holds no certificates.`);
  const descriptions = names.filter((name) => /\.json$/i.test(name));
  return [
    ...descriptions.flatMap((name) =>
      checkJson(join(path, name), readText(join(path, name)), [sevCertificates]),
    ),
    ...certificates.flatMap((file) => checkCertificate(file, certificates)),
  ];
}

function checkJson(path: string, text: string, recognisers: readonly Recogniser[]): CaseResult[] {
  const json = jsonIn(path, text);
  const beside: Beside = (name) => readBytes(join(dirname(path), basename(name)));
  return recognisers
    .filter((recogniser) => recogniser.recognises(json))
    .flatMap((recogniser) => recogniser.run(json, beside));
}

/** Runs every case that the file holds. @throws Refusal when nothing in it is known. */
function checkFile(path: string): CaseResult[] {
  const names = smallFilesIn(path, LARGEST);
  if (names) return checkFolder(path, names);
  const bytes = readBytes(path);
  const certificate = certificateIn(bytes);
  if (certificate)
    return checkCertificate({ name: basename(path), certificate }, certificatesIn(dirname(path)));
  const text = textIn(path, bytes);
  if (firmwareTraces.recognises(text)) return firmwareTraces.run(path, text);
  const results = checkJson(path, text, RECOGNISERS);
  if (results.length === 0) {
    const names = [...RECOGNISERS, firmwareTraces].map(({ name }) => name).join('; ');
    throw new Refusal(
      `${printable(path)}: holds no test vectors that this program knows. It knows: ${names}.`,
    );
  }
  return results;
}

function report(prefix: string, results: readonly CaseResult[], output: Output): void {
  for (const { id, mismatches } of results) {
    for (const { what, expected, got } of mismatches) {
      output.line(printable(`${prefix}${id}: ${what}: expected ${expected}, got ${got}`));
    }
  }
}

/**
 * Checks files of test vectors against the engine; each is recognised by what is in it, not by its name. A file that is
 * refused counts as one failure, so that the last line never sounds better than the files were.
 */
export const check: Command = {
  name: 'check',
  usage: 'FILE…',
  summary:
    'Run files of test vectors against the engine; the last line says how many cases passed and failed.',
  run(args, output) {
    const { positionals: files } = parseArgs({ args: [...args], allowPositionals: true });
    if (files.length === 0) throw new UsageError('No file was named.');
    const results: CaseResult[] = [];
    let refused = 0;
    for (const path of files) {
      try {
        const found = checkFile(path);
        report(files.length > 1 ? `${path}: ` : '', found, output);
        for (const result of found) results.push(result);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        output.error(error.message);
        refused++;
      }
    }
    const wrong = results.filter((result) => result.mismatches.length > 0).length;
    output.line(`${results.length - wrong} passed, ${wrong + refused} failed`);
    return wrong + refused > 0 ? EXIT_FAILED : EXIT_OK;
  },
};
