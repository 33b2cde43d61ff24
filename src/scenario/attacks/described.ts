/** An attack of the literature that is told and not run. */
export interface DescribedAttack {
  /** Its name in the literature’s table. */
  readonly id: string;
  readonly name: string;
  readonly year: number;
  readonly paper: string;
  readonly cve: readonly string[];
  readonly bulletins: readonly string[];
  readonly says: string;
  /** Why it is not run here. */
  readonly why: string;
}

/** In the order of their years. Facts: attacks.md, sections 7 and 8. */
export const DESCRIBED: readonly DescribedAttack[] = [
  {
    id: 'pdh-invalid-curve',
    name: 'Invalid curve against the platform’s key',
    year: 2019,
    paper: 'AMD-SEV: Platform DH key recovery via invalid curve attack; C. Cohen; Full Disclosure, June 2019',
    cve: ['CVE-2019-9836'],
    bulletins: [],
    says: 'Old firmware multiplied a point from LAUNCH_START with its private key without asking whether the point lies on the curve. Points of small order give the key away, remainder by remainder.',
    why: 'The firmware here refuses such a point, as it has done since it was repaired; the way from remainders to the key is arithmetic in which no byte of memory takes part.',
  },
  {
    id: 'one-glitch',
    name: 'One Glitch to Rule Them All',
    year: 2021,
    paper:
      'One Glitch to Rule Them All: Fault Injection Attacks Against AMD’s Secure Encrypted Virtualization; R. Buhren, H. N. Jacob, T. Krachenfels, J.-P. Seifert; ACM CCS 2021',
    cve: [],
    bulletins: [],
    says: 'A dip in the supply voltage, at the right moment, makes the secure processor’s ROM believe an attacker’s key. What it then runs decrypts every guest and knows the secrets from which attestation keys are derived.',
    why: 'A glitch is physics. All that could be shown is a switch “the secure processor is the attacker’s”, and behind it nothing is left to be checked.',
  },
  {
    id: 'pwrleak',
    name: 'PwrLeak',
    year: 2023,
    paper:
      'PwrLeak: Exploiting Power Reporting Interface for Side-Channel Attacks on AMD SEV; W. Wang, M. Li, Y. Zhang, Z. Lin; DIMVA 2023',
    cve: ['CVE-2023-20575'],
    bulletins: ['AMD-SB-3004'],
    says: 'The host reads a core’s energy counter after each instruction of the guest. How much it took tells which instruction that was, and how many bits of its operands were set.',
    why: 'The machine here has no power. A trace would be made up from the very operands that it is supposed to reveal.',
  },
  {
    id: 'snp-firmware-bugs-2024',
    name: 'Missing checks in the firmware of SEV-SNP',
    year: 2024,
    paper: 'AMD-SB-3011, AMD-SB-3007, AMD-SB-1032; a write-up of the second on blog.freax13.de',
    cve: [
      'CVE-2023-31355',
      'CVE-2024-21978',
      'CVE-2024-21980',
      'CVE-2023-31346',
      'CVE-2021-26409',
      'CVE-2021-26328',
      'CVE-2021-26403',
    ],
    bulletins: ['AMD-SB-3011', 'AMD-SB-3007', 'AMD-SB-1032'],
    says: 'Some commands of the secure processor forgot a check: stale memory was returned, an entry of the RMP or a launch secret could be overwritten or read.',
    why: 'Each is one forgotten line, most of them not published exactly. Compare shows what happens when one check of your choice is missing.',
  },
  {
    id: 'relocate-vote',
    name: 'Relocate-Vote',
    year: 2025,
    paper:
      'Relocate-Vote: Using Sparsity Information to Exploit Ciphertext Side-Channels; USENIX Security 2025',
    cve: [],
    bulletins: [],
    says: 'Most pages of a guest hold zeros. The host has many of them moved through one place by SNP_PAGE_MOVE; the ciphertext that comes most often there is that of zero, and so it learns which blocks of any page are zero.',
    why: 'Its means are those of Heracles, which runs. What it adds is a vote: the commonest ciphertext at a place is probably that of zero, and no monitor here takes what is probable for known. Nor is there half of it to show for SEV, as the literature has it: the firmware’s COPY brings pages to one place just as well, and without it only what stays where it is can be compared, which no policy forbids.',
  },
  {
    id: 'entrysign',
    name: 'EntrySign: forged microcode',
    year: 2025,
    paper: 'Google Security Team, advisory GHSA-4xq7-4mgh-gp6w, February 2025',
    cve: ['CVE-2024-56161'],
    bulletins: ['AMD-SB-3019'],
    says: 'The signature of microcode was checked with a weak hash. Whoever rules the host loads microcode of its own on Zen 1 to Zen 4, for instance an RDRAND that always says 4.',
    why: 'Microcode is not modelled: with another one the processor’s rules are no longer those that this machine is made of.',
  },
  {
    id: 'perf-counter-leak',
    name: 'CounterSEVeillance',
    year: 2025,
    paper:
      'CounterSEVeillance: Performance-Counter Attacks on AMD SEV-SNP; S. Gast, H. Weissteiner, R. L. Schröder, D. Gruss; NDSS 2025',
    cve: [],
    bulletins: ['AMD-SB-3013'],
    says: 'Counters of the host count what the guest does. Read after each instruction, they tell branches apart, and how long a division takes.',
    why: 'Instructions here take no time and raise no counters: what there would be to count is not published in a form that can be reproduced.',
  },
  {
    id: 'rmp-cache-channel',
    name: 'Entries of the RMP in caches',
    year: 2025,
    paper:
      'A Close Look at RMP Entry Caching and Its Security Implications in SEV-SNP; R. Bagia, V. Ulitzsch, D. Trujillo, M. Li, W. Yan, J.-P. Seifert; HASP 2025',
    cve: [],
    bulletins: [],
    says: 'Entries of the RMP are cached like other memory, and each change of one flushes translations on all cores. The time that an access takes shows what others were doing.',
    why: 'There is no clock in this machine: who waits for whom cannot be seen.',
  },
  {
    id: 'tee-fail',
    name: 'TEE.fail',
    year: 2026,
    paper:
      'TEE.fail: Breaking Trusted Execution Environments via DDR5 Memory Bus Interposition; Georgia Tech, Purdue University, S. van Schaik; public in October 2025',
    cve: [],
    bulletins: [],
    says: 'A clip on the DDR5 bus records each burst. Equal plaintext at one address is equal ciphertext, so the windows of an ECDSA nonce can be looked up, also where the processor hides ciphertext from its own cores.',
    why: 'The probe and equal ciphertexts are here; a whole ECDSA signature, recorded burst by burst, is not. The ciphertext side channel shows the same deduction.',
  },
  {
    id: 'badfuse-vcek-seed',
    name: 'MilanLaunchy and BadFuse',
    year: 2026,
    paper:
      'Insecure Despite Proven Updated: Extracting the Root VCEK Seed on EPYC Milan via a Software-Only Attack; arXiv 2605.12990, May 2026',
    cve: [],
    bulletins: [],
    says: 'Code on Milan’s secure processor misuses the fuse controller and reads the seed from which every version’s attestation key follows. Reports can then be forged for any firmware.',
    why: 'The inside of the secure processor, its ROM and fuses, is not modelled: only what it says through its commands.',
  },
  {
    id: 'aspbreaker',
    name: 'ASPBreaker',
    year: 2026,
    paper:
      'Jailbreaking the AMD Secure Processor: Enabling Live Analysis of SEV-SNP’s Undocumented Security Boundaries; Shen, Ma, Shang, Qu, Qin, Feng; USENIX Security 2026',
    cve: [],
    bulletins: [],
    says: 'Aliased memory changes under the secure processor’s hands between check and use, and gives its attacker code execution there; an old version is the way into a newer one.',
    why: 'Its boot loader and the code that it runs are not modelled: only what it says through its commands.',
  },
  {
    id: 'nbio-mmio-routing',
    name: 'Unlocked routing of MMIO',
    year: 2026,
    paper: 'CVE-2025-61971, AMD-SB-3030, May 2026',
    cve: ['CVE-2025-61971'],
    bulletins: ['AMD-SB-3030'],
    says: 'Registers of the I/O hub were not locked, so that the host could change where accesses to devices go and endanger the integrity of SEV-SNP.',
    why: 'No paper says how it is done. Its sibling, the misrouted fabric, is told in more detail.',
  },
];
