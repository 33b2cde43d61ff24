import { hasFix } from '../core/config';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import type { KeyPair } from './crypto/ecc';
import { cekPair } from './identity';
import { vcekAt } from './snp/attestationKeys';
import { flawedTcb } from './snp/tcb';

const OLD_RULES = {
  back: {
    id: 'asp.no-way-back',
    says: 'Boot loaders of today load no firmware that is older than the one which the machine has committed to.',
    source:
      'AMD-ASPFW sev_mcmd.c (SNP_COMMIT); modelled: of all machines without the switch firmware-rollback',
    standing: 'modelled',
  },
  taken: {
    id: 'asp.old-firmware',
    says: 'Old firmware with a flaw runs an attacker’s code, and what it can derive from the chip’s secrets the attacker then has.',
    source:
      'Buhren, Werling, Seifert, Insecure Until Proven Updated (CCS 2019); modelled: the flaw, and that the newer firmware is loaded again afterwards',
    standing: 'modelled',
  },
  cek: {
    id: 'asp.cek-unversioned',
    says: 'The chip endorsement key follows from a secret of the chip alone: every version of the firmware derives the same.',
    source: 'AMD-ASPFW sev_plat.c (sev-chip-endorsement-key)',
    standing: 'published',
  },
  vcek: {
    id: 'asp.vcek-versioned',
    says: 'With SEV-SNP the key follows from the chip’s secret and the TCB version by hashing: from that of an old version nobody gets to that of a newer one.',
    source: 'AMD-ASPFW sev_plat.c (hash sticks, sev-versioned-chip-endorsement-key)',
    standing: 'published',
  },
  nothing: {
    id: 'asp.nothing-taken',
    says: 'Whoever has no key of a chip cannot sign as that chip.',
    source: 'FIPS 186-4 (ECDSA)',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/**
 * Loads old firmware, has it derive the keys with which this chip vouches for itself, and loads the newer firmware again. What is
 * taken is remembered by name.
 */
export function takeKeys(p: Platform): Outcome<Json> {
  if (!hasFix(p.config, 'firmware-rollback'))
    return p.trace.refused(
      refuse(
        OLD_RULES.back,
        'refused',
        'The boot loader does not take old firmware.',
        {},
        'A machine with the switch firmware-rollback.',
      ),
    );
  p.trace.fact('note', { what: 'old firmware runs' }, OLD_RULES.taken);
  const vcek = `0x${flawedTcb(p).toString(16)}`;
  p.trace.fact('note', { what: 'key taken', key: 'CEK' }, OLD_RULES.cek);
  p.trace.fact('note', { what: 'key taken', key: 'VCEK', tcb: vcek }, OLD_RULES.vcek);
  p.trace.set('taken', 0, { vcek });
  return ok({ keys: ['CEK', 'VCEK'], vcek });
}

/** The chip endorsement key, where an attacker has it. */
export const takenCek = (p: Platform): KeyPair | null => (p.state.cell('taken') ? cekPair(p) : null);

/** A versioned key of the chip, where an attacker has one, and its TCB version. */
export function takenVcek(p: Platform): Outcome<{ readonly pair: KeyPair; readonly tcb: bigint }> {
  const taken = p.state.cell('taken');
  if (taken) {
    const tcb = BigInt(taken.vcek);
    return ok({ pair: vcekAt(p, tcb), tcb });
  }
  return p.trace.refused(
    refuse(OLD_RULES.nothing, 'refused', 'The attacker has no key of this chip.', {}, 'asp.old-firmware.'),
  );
}
