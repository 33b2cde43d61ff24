import { accessTruth } from './access-truth';
import { asidRanges } from './asid-ranges';
import { asidTraces } from './asid-traces';
import { blockMove } from './block-move';
import { cpuidSamples } from './cpuid-samples';
import { exitLists } from './exit-lists';
import { faultBits } from './fault-bits';
import { ghcbEvents } from './ghcb-events';
import { ghcbLayout } from './ghcb-layout';
import { ghcbMsr } from './ghcb-msr';
import { guestMessages } from './guest-messages';
import { idBlocks } from './id-blocks';
import { keyDerivation } from './key-derivation';
import { knownAnswers } from './known-answers';
import { launchCases } from './launch-cases';
import { launchImages } from './launch-images';
import { memoryEncryption } from './memory-encryption';
import { pageInfos } from './page-infos';
import type { Recogniser } from './result';
import { rmpLayout } from './rmp-layout';
import { rmpRules } from './rmp-rules';
import { rmpSegments } from './rmp-segments';
import { sevCertificates } from './sev-certificates';
import { sevFeatures } from './sev-features';
import { sevMeasurement } from './sev-measurement';
import { sevPackets } from './sev-packets';
import { sevSessions } from './sev-sessions';
import { snpInstructions } from './snp-instructions';
import { vmcbLayout } from './vmcb-layout';
import { vmsaLayout } from './vmsa-layout';
import { vmsaTemplates } from './vmsa-templates';
import { xlSamples } from './xl-samples';

/** Every format that `check` knows. */
export const RECOGNISERS: readonly Recogniser[] = [
  memoryEncryption,
  knownAnswers,
  blockMove,
  accessTruth,
  cpuidSamples,
  vmcbLayout,
  vmsaLayout,
  sevFeatures,
  exitLists,
  ghcbLayout,
  ghcbEvents,
  ghcbMsr,
  keyDerivation,
  sevCertificates,
  sevMeasurement,
  sevPackets,
  sevSessions,
  launchImages,
  launchCases,
  pageInfos,
  vmsaTemplates,
  idBlocks,
  faultBits,
  rmpLayout,
  rmpSegments,
  rmpRules,
  snpInstructions,
  guestMessages,
  xlSamples,
  asidTraces,
  asidRanges,
];
