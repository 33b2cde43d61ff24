import { sha256 } from '@noble/hashes/sha2.js';
import { measurement } from '../engine/asp/crypto/measure';
import { digestEnd, digestMore, emptyDigest } from '../engine/asp/crypto/runningDigest';
import { type LaunchPiece, launchPieces } from '../engine/asp/image/launchPieces';
import { toHex } from '../engine/core/bytes';
import { ok } from '../engine/core/fault';
import { type Command, EXIT_FAILED, EXIT_OK, printable } from './command';
import { type MeasureArgs, measureArgs, OPTIONS_TEXT } from './measure/args';
import { readLaunch } from './measure/launch';
import { refusing } from './run';

/** Prints what the secure processor would measure of a guest, and the measurement it would hand out. */
export const measure: Command = {
  name: 'measure',
  usage: OPTIONS_TEXT,
  summary:
    'Compute the launch digest of a SEV or SEV-ES guest from its files, and with the TIK and the other inputs of LAUNCH_MEASURE the measurement; prints JSON.',
  run(args, output) {
    const given = measureArgs(args);
    return refusing(output, () => {
      const loaded = given.digest ? ok<readonly LaunchPiece[]>([]) : launchPieces(readLaunch(given));
      if (loaded.ok) {
        output.line(JSON.stringify(measured(given, loaded.value), null, 2));
        return EXIT_OK;
      }
      const { message, remedy } = loaded.fault;
      output.error(printable(`${given.image}: ${message} ${remedy}`));
      return EXIT_FAILED;
    });
  },
};

function measured({ mode, digest, owner }: MeasureArgs, pieces: readonly LaunchPiece[]): object {
  const launchDigest = digest ?? digestOf(pieces);
  return {
    mode,
    launch_digest: toHex(launchDigest),
    ...(owner && { measurement: toHex(measurement({ ...owner, digest: launchDigest })) }),
    ...(pieces.length > 0 && { loaded: loadedOf(pieces) }),
  };
}

const digestOf = (pieces: readonly LaunchPiece[]): Uint8Array =>
  digestEnd(pieces.reduce((digest, { bytes }) => digestMore(digest, bytes), emptyDigest()));

const loadedOf = (pieces: readonly LaunchPiece[]): object[] =>
  pieces.map(({ what, bytes }) => ({ what, bytes: bytes.length, sha256: toHex(sha256(bytes)) }));
