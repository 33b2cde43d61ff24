/**
 * The checks at which attacks end, by the names under which the literature on them is compared. `rules` are the engine’s
 * rules that are this check when one of them refuses; a check without any shows itself as noise or as an unchanged value.
 */
export interface AttackCheck {
  readonly says: string;
  readonly rules: readonly string[];
}

const check = (says: string, ...rules: string[]): AttackCheck => ({ says, rules });

const CHECKS = {
  'ENC-AT-REST': check('What is written with C = 1 leaves the chip as ciphertext; its key never does.'),
  'KEY-ASID': check('The key belongs to the ASID: with another key there is noise, not a fault.'),
  'TWEAK-XEX': check('The address is mixed in before and behind the cipher: a block that is moved is noise.'),
  'TWEAK-ENTROPY': check(
    'What is mixed in is random in every boot: nobody can compute the difference of two addresses.',
  ),
  'ES-VMSA': check(
    'Registers are saved with the guest’s key and a checksum that x86 cannot reach.',
    'vmrun.vmsa-checksum',
  ),
  'RMP-VMSA': check('VMRUN takes a VMSA only from a page that the guest itself has made one.'),
  'RMP-HOST-WRITE': check('The host writes only what is the hypervisor’s.', 'rmp.hypervisor-owned'),
  'RMP-GPA': check(
    'A page answers only at the guest physical address for which it was assigned.',
    'rmp.reverse-map',
  ),
  'RMP-ASID': check(
    'A page answers only to the guest to which it was assigned.',
    'rmp.guest-owned',
    'rmp.covered',
  ),
  'RMP-VALIDATED': check('A page answers only after its guest has accepted it.', 'rmp.validated'),
  'RMP-SIZE': check('Entry and nested mapping agree on the size of the page.', 'rmp.page-size'),
  'RMP-VMPL': check(
    'A page answers only with the permissions of the privilege level that runs.',
    'rmp.vmpl-permissions',
  ),
  'RMP-IMMUTABLE': check('RMPUPDATE changes no page that the firmware holds.', 'rmp.mutable'),
  'RMP-IOMMU': check('A device reaches only what is the hypervisor’s.', 'device.iommu-rmp'),
  'GUEST-BITMAP': check(
    'A guest accepts each of its addresses once, and stops when one must be accepted again.',
    'guest.validates-twice',
  ),
  'ASP-DF-FLUSH': check(
    'An ASID gets a new key only after caches and data fabric were flushed.',
    'asp.asid-dirty',
    'asp.asid-dirty-here',
    'asp.asid-not-clean',
    'asp.wbinvd-missing',
    'asp.snp-asids-dirty',
  ),
  'LD-GPA': check(
    'The launch digest has each page’s address in it.',
    'asp.snp-measured',
    'asp.id-block-digest',
  ),
} as const satisfies Record<string, AttackCheck>;

export type CheckName = keyof typeof CHECKS;
export const ATTACK_CHECKS: Readonly<Record<CheckName, AttackCheck>> = CHECKS;
export const CHECK_NAMES = Object.keys(CHECKS) as [CheckName, ...CheckName[]];

const byRule = new Map(
  CHECK_NAMES.flatMap((name) => ATTACK_CHECKS[name].rules.map((rule) => [rule, name] as const)),
);

/** The check whose rule refused; null for none. */
export const checkOfRule = (rule: string | null): CheckName | null =>
  (rule === null ? null : byRule.get(rule)) ?? null;
