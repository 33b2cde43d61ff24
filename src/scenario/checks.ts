/**
 * The checks at which attacks end, by the names under which the literature on them is compared. `rules` are the engine’s
 * rules that are this check when one of them refuses; a check without any shows itself as noise or as an unchanged value.
 */
export interface AttackCheck {
  readonly says: string;
  readonly rules: readonly string[];
  /** The event that the refusal is told by, where the same rule stands for another check elsewhere. */
  readonly event?: string;
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
  'RMP-VMSA': check(
    'VMRUN takes a VMSA only from a page that the guest itself has made one.',
    'rmp.vmrun-snp-vmsa',
    'rmp.vmrun-vmsa',
  ),
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
  'RMP-IOMMU': {
    ...check('A device writes only what is the hypervisor’s.', 'rmp.hypervisor-owned'),
    event: 'IO_PAGE_FAULT',
  },
  'CT-HIDING': check('The host reads 0xff from a guest’s pages: there is no ciphertext to compare.'),
  'CPUID-PAGE': check('The firmware compares the page that answers CPUID with the processor.'),
  'SW-VALIDATE': check('A driver takes nothing from a device that such a device cannot say.'),
  'POLICY-16': check(
    'The firmware launches a guest that forbids SMT only on a machine without: nobody shares its core.',
    'asp.snp-policy-smt',
  ),
  'POLICY-25': check(
    'The firmware moves and swaps no page of a guest that forbids it.',
    'asp.snp-policy-swap',
  ),
  'POLICY-NODBG': check('The firmware decrypts nothing of a guest that forbids it.', 'asp.policy-nodbg'),
  'POLICY-19': check('The firmware decrypts only what the guest’s policy allows.', 'asp.snp-policy-debug'),
  'POLICY-NOSEND': check('The firmware sends no guest that forbids it.', 'asp.policy-nosend'),
  'SW-CT': check('Neither the way through a program nor the pages that it uses depend on its secrets.'),
  'SW-MASK': check('The guest writes no plaintext twice at one address.'),
  VERIFIER: check('Who relies on a report compares all of it, the policy too.', 'asp.id-block-policy'),
  'VCEK-TCB': check(
    'The key that signs reports depends on the version of the firmware.',
    'owner.report-signature',
  ),
  'GUEST-BITMAP': check(
    'A guest accepts each of its addresses once, and stops when one must be accepted again.',
    'guest.validates-twice',
    'guest.accepted-before',
  ),
  'ASP-DF-FLUSH': check(
    'An ASID gets a new key only after caches and data fabric were flushed.',
    'asp.asid-dirty',
    'asp.asid-dirty-here',
    'asp.asid-not-clean',
    'asp.wbinvd-missing',
    'asp.snp-asids-dirty',
  ),
  'RMP-TLB-SHOOT': check(
    'What changes an entry of the RMP drops every cached translation that leads to its page.',
  ),
  'TLB-ID': check('VMRUN itself flushes a guest’s translations when its vCPU comes from elsewhere.'),
  'SME-COHERENT': check('Hardware keeps views of one address under different keys coherent.'),
  'COHERENCY-SFW': check('A guest evicts what others left in the caches of each page that it accepts.'),
  UCODE: check('Newer microcode has repaired the processor.'),
  'UCODE-INVD': check('INVD can no longer throw a guest’s dirty lines away.'),
  'ALIAS-CHECK': check('The boot firmware looks for addresses that share a cell of DRAM.', 'asp.alias'),
  'DF-LOCK': check('The routes of the data fabric are locked before SNP starts.', 'asp.df-lock'),
  'FW-FIX': check('The vendor has repaired the firmware.', 'asp.rmp-locked'),
  'LD-GPA': check(
    'The launch digest has each page’s address in it.',
    'asp.snp-measured',
    'asp.id-block-digest',
  ),
  'RESTR-INJ': check(
    'With restricted injection VMRUN delivers nothing but #HV.',
    'vmrun.restricted-injection',
  ),
  'ALT-INJ': check('With alternate injection events come from the VMSA, which the host cannot write.'),
  'SEV-FEATURES-6': check(
    'A guest that forbids it is not entered while the host samples instructions.',
    'vmrun.host-ibs',
  ),
  'SEV-FEATURES-14': check(
    'Each exit stores the registers XORed with a new random number, so that equal ones are not equal ciphertext.',
  ),
  'VC-OPCODE': check(
    'The kernel looks whether the instruction at RIP can have raised #VC.',
    'guest.vc-opcode',
  ),
  'IA32-OFF': check('The kernel has no system calls of 32 bits, so that vector 0x80 does nothing.'),
} as const satisfies Record<string, AttackCheck>;

export type CheckName = keyof typeof CHECKS;
export const ATTACK_CHECKS: Readonly<Record<CheckName, AttackCheck>> = CHECKS;
export const CHECK_NAMES = Object.keys(CHECKS) as [CheckName, ...CheckName[]];

const keyOf = (rule: string, event: string): string => `${rule} ${event}`;

const byRule = new Map(
  CHECK_NAMES.flatMap((name) => {
    const { rules, event = '' } = ATTACK_CHECKS[name];
    return rules.map((rule) => [keyOf(rule, event), name] as const);
  }),
);

/** The check whose rule refused, told by an event such as `#PF`; null for none. */
export const checkOfRule = (rule: string, event: string): CheckName | null =>
  byRule.get(keyOf(rule, event)) ?? byRule.get(keyOf(rule, '')) ?? null;
