import { accessTruth } from './access-truth';
import { asidRanges } from './asid-ranges';
import { asidTraces } from './asid-traces';
import { blockMove } from './block-move';
import { cpuidSamples } from './cpuid-samples';
import { keyDerivation } from './key-derivation';
import { knownAnswers } from './known-answers';
import { memoryEncryption } from './memory-encryption';
import type { Recogniser } from './result';
import { sevCertificates } from './sev-certificates';
import { sevMeasurement } from './sev-measurement';
import { sevPackets } from './sev-packets';
import { sevSessions } from './sev-sessions';
import { xlSamples } from './xl-samples';

/** Every format that `check` knows. */
export const RECOGNISERS: readonly Recogniser[] = [
  memoryEncryption,
  knownAnswers,
  blockMove,
  accessTruth,
  cpuidSamples,
  keyDerivation,
  sevCertificates,
  sevMeasurement,
  sevPackets,
  sevSessions,
  xlSamples,
  asidTraces,
  asidRanges,
];
