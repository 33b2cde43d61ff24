import { sha256 } from '@noble/hashes/sha2.js';
import { measurement } from '../engine/asp/crypto/measure';
import { digestEnd, digestMore, emptyDigest } from '../engine/asp/crypto/runningDigest';
import { type LaunchPiece, launchPieces } from '../engine/asp/image/launchPieces';
import { snpLaunchRuns } from '../engine/asp/image/snpLaunch';
import { EMPTY_LAUNCH_DIGEST, type LaunchRun, launchDigest } from '../engine/asp/snp/launchDigest';
import { hex } from '../engine/core/address';
import { toHex } from '../engine/core/bytes';
import { type Outcome, ok } from '../engine/core/fault';
import { type Command, EXIT_FAILED, EXIT_OK, printable } from './command';
import { type MeasureArgs, measureArgs, OPTIONS_TEXT, type SevArgs, type SnpArgs } from './measure/args';
import { readSevLaunch, readSnpLaunch } from './measure/launch';
import { refusing } from './run';

/** What a call comes to: the value that was asked for, and everything about it as plain data. */
interface Result {
  readonly value: Uint8Array;
  readonly json: object;
}

/** Prints what the secure processor would measure of a guest, and the measurement it would hand out. */
export const measure: Command = {
  name: 'measure',
  usage: OPTIONS_TEXT,
  summary:
    'Compute the launch digest of a SEV, SEV-ES or SEV-SNP guest from its files, and for SEV and SEV-ES with the TIK and the other inputs of LAUNCH_MEASURE the measurement; prints JSON, or with --output hex or base64 the measurement or else the digest alone.',
  run(args, output) {
    const given = measureArgs(args);
    return refusing(output, () => {
      const result = given.mode === 'snp' ? measureSnp(given) : measureSev(given);
      if (result.ok) {
        output.line(written(given.output, result.value));
        return EXIT_OK;
      }
      const { message, remedy } = result.fault;
      output.error(printable(`${given.image}: ${message} ${remedy}`));
      return EXIT_FAILED;
    });
  },
};

function written(format: MeasureArgs['output'], { value, json }: Result): string {
  if (format === 'json') return JSON.stringify(json, null, 2);
  return format === 'hex' ? toHex(value) : Buffer.from(value).toString('base64');
}

function measureSev(given: SevArgs): Outcome<Result> {
  const loaded = given.digest ? ok<readonly LaunchPiece[]>([]) : launchPieces(readSevLaunch(given));
  if (!loaded.ok) return loaded;
  const { mode, owner } = given;
  const digest = given.digest ?? digestOf(loaded.value);
  const measured = owner && measurement({ ...owner, digest });
  const json = {
    mode,
    launch_digest: toHex(digest),
    ...(measured && { measurement: toHex(measured) }),
    ...(loaded.value.length > 0 && { loaded: loadedOf(loaded.value) }),
  };
  return ok({ value: measured ?? digest, json });
}

const digestOf = (pieces: readonly LaunchPiece[]): Uint8Array =>
  digestEnd(pieces.reduce((digest, { bytes }) => digestMore(digest, bytes), emptyDigest()));

const loadedOf = (pieces: readonly LaunchPiece[]): object[] =>
  pieces.map(({ what, bytes }) => ({ what, bytes: bytes.length, sha256: toHex(sha256(bytes)) }));

/** What Amazon’s hypervisor loads was only watched from outside. */
const UNSETTLED = 'Two public tools expect different digests for EC2; this is the one of sev-snp-measure.';

function measureSnp(given: SnpArgs): Outcome<Result> {
  const runs = snpLaunchRuns(readSnpLaunch(given));
  if (!runs.ok) return runs;
  const { mode, vmm } = given;
  const { digest, loaded } = chained(runs.value, given.imageDigest);
  const note = vmm === 'ec2' ? UNSETTLED : undefined;
  return ok({ value: digest, json: { mode, launch_digest: toHex(digest), note, loaded } });
}

/** The digest after each run of pages. */
function chained(runs: readonly LaunchRun[], imageDigest: Uint8Array | null) {
  let digest = imageDigest ?? EMPTY_LAUNCH_DIGEST;
  const loaded: object[] = imageDigest ? [{ what: 'image', launch_digest: toHex(imageDigest) }] : [];
  for (const run of runs) {
    digest = launchDigest([run], digest);
    const { what, type, gpa, pages } = run;
    loaded.push({ what, page_type: type, gpa: hex(gpa), pages, launch_digest: toHex(digest) });
  }
  return { digest, loaded };
}
