export interface Definition {
  /** As the field writes it. */
  readonly word: string;
  /** What the letters stand for, where they stand for something. */
  readonly long?: string;
  readonly means: string;
  /** Other ways the word is written in running text. */
  readonly also?: readonly string[];
}

const define = (word: string, long: string | undefined, means: string, ...also: string[]): Definition => ({
  word,
  means,
  ...(long ? { long } : {}),
  ...(also.length > 0 ? { also } : {}),
});

/** The field's own words, each in one or two sentences of ours. */
export const GLOSSARY: readonly Definition[] = [
  define(
    'AE',
    'automatic exit',
    'An exit that hardware makes of a guest with SEV-ES without asking it: an interrupt, HLT, a page that is missing. It shows no register.',
    'automatic exit',
    'automatic exits',
  ),
  define(
    'AES',
    'Advanced Encryption Standard',
    'The block cipher in the memory controller: 16 bytes in, 16 bytes out, under one key.',
  ),
  define(
    'AP jump table',
    undefined,
    'A page of a guest with SEV-ES from which its other processors take the address at which they begin. The hypervisor only remembers where it is.',
  ),
  define(
    'AP reset hold',
    undefined,
    'The request of a processor that waits to be started; the answer comes when another one has sent it a startup interrupt.',
  ),
  define(
    'APIC',
    'advanced programmable interrupt controller',
    'The part of a processor that sends and takes interrupts. Guests see one that Xen emulates.',
    'local APIC',
  ),
  define(
    'ASID',
    'address space identifier',
    'The number a guest runs under. It tags cache lines and TLB entries, and it chooses the key slot in the memory controller.',
    'ASIDs',
  ),
  define(
    'ASP',
    'AMD Secure Processor',
    'A small processor on the same chip with its own firmware. It makes the keys and puts them into the memory controller; no software on the main cores can read them.',
    'PSP',
  ),
  define(
    'bounce buffer',
    undefined,
    'A shared page that a guest copies through, because a device can only make sense of memory that is not encrypted with the guest’s key.',
    'bounce buffers',
  ),
  define(
    'C-bit',
    'encryption bit of a page-table entry',
    'One address bit of a page-table entry, given up to say: this page goes through the AES engine. C = 1 is private, C = 0 is shared.',
    'C-bits',
  ),
  define(
    'CEK',
    'chip endorsement key',
    'The key that is burnt into one chip. AMD signs it, and it signs the platform’s own key.',
  ),
  define(
    'ciphertext',
    undefined,
    'What the AES engine writes into the DRAM. Without the key it looks like noise.',
  ),
  define(
    'CLFLUSH',
    undefined,
    'An instruction that writes one cache line back to memory, if it is dirty, and drops it from the caches.',
  ),
  define(
    'cold boot',
    undefined,
    'Cooled memory keeps its contents for a while without power. An attacker pulls the module out and reads it elsewhere.',
  ),
  define(
    'CPUID',
    undefined,
    'An instruction that tells software what the processor can do. Leaf 8000_001F describes memory encryption.',
  ),
  define('CR3', undefined, 'The register that holds the address of the topmost page table.'),
  define(
    'DF_FLUSH',
    undefined,
    'The command that empties the data fabric, so that ASIDs can be given out again. Every core must have executed WBINVD before.',
  ),
  define(
    'DMA',
    'direct memory access',
    'A device reads or writes memory by itself, past the cores. It carries no guest’s key.',
  ),
  define(
    'Domain-0',
    undefined,
    'The first domain, in which the toolstack runs. A guest that does not trust the host does not trust it, either.',
  ),
  define(
    'domctl',
    undefined,
    'The hypercall with which the toolstack asks Xen to create, change and destroy domains.',
  ),
  define(
    'DRAM',
    'dynamic random-access memory',
    'The memory modules themselves: what a probe on the bus sees.',
  ),
  define(
    'ECB',
    'electronic codebook',
    'Encrypting each block alike, with no tweak: equal blocks stay recognisable.',
  ),
  define(
    'GHCB',
    'guest-hypervisor communication block',
    'A shared page in which a guest with SEV-ES puts what the hypervisor needs for one request, and finds the answer.',
    'GHCBs',
  ),
  define(
    'GPA',
    'guest-physical address',
    'What a guest believes to be a physical address. The nested tables turn it into a real one.',
    'GPAs',
  ),
  define(
    'GVA',
    'guest-virtual address',
    'An address as a program in the guest uses it, before any translation.',
    'GVAs',
  ),
  define('INVD', undefined, 'Empties the caches without writing anything back: whatever was dirty is lost.'),
  define('INVLPG', undefined, 'Drops the translation of one page from the TLB of this core.'),
  define(
    'ID block',
    undefined,
    'What a guest’s owner expects of a SEV-SNP launch: its digest and its policy, signed. With another digest the launch does not finish.',
  ),
  define(
    'IOMMU',
    'I/O memory management unit',
    'Translates and checks the addresses that devices use, as page tables do for cores.',
  ),
  define('libxl', undefined, 'The library under xl: it knows what the life of a domain consists of.'),
  define(
    'mailbox',
    undefined,
    'Three registers through which software hands the secure processor a command, and reads what became of it.',
  ),
  define('MMIO', 'memory-mapped input and output', 'Addresses behind which there is a device and no memory.'),
  define(
    'NAE',
    'non-automatic exit',
    'An event for which the hypervisor needs registers, such as CPUID. A guest with SEV-ES gets it as #VC and asks by itself.',
    'non-automatic exit',
    'non-automatic exits',
  ),
  define(
    'launch digest',
    undefined,
    'SHA-384 over a chain: each page of a SEV-SNP guest that is loaded before its start is hashed together with the digest before it.',
  ),
  define(
    'NPT',
    'nested page tables',
    'The hypervisor’s tables that turn a guest-physical address into a system-physical one.',
    'nested page table',
    'nested page tables',
    'nested tables',
  ),
  define(
    '#NPF',
    'nested page fault',
    'The exit that a guest’s access causes when the nested tables, or a check behind them, refuse it.',
  ),
  define(
    'PDH',
    'platform Diffie-Hellman key',
    'The platform’s key on P-384 with which a guest’s owner agrees on keys that no host knows.',
  ),
  define('PEK', 'platform endorsement key', 'Signs the PDH; the chip and the platform’s owner sign it.'),
  define(
    'OVMF',
    'open virtual machine firmware',
    'The UEFI firmware from which guests start. A table at its end and SEV metadata say what the hypervisor has to load where.',
  ),
  define(
    'PAGE_INFO',
    undefined,
    'The 112 bytes that are hashed for one page of a SEV-SNP launch: the digest before it, a hash of its contents, its type, permissions and GPA.',
  ),
  define('#PF', 'page fault', 'The exception that an access causes when the page tables refuse it.'),
  define('plaintext', undefined, 'The bytes as the program wrote them.'),
  define(
    'PVALIDATE',
    undefined,
    'The instruction with which an SNP guest accepts a page: sets, or takes back, the validated bit of its entry in the RMP.',
  ),
  define(
    'RFC',
    'request for comments',
    'A series of patches on a mailing list that asks for opinions and is not merged.',
  ),
  define(
    'RMP',
    'reverse map table',
    'With SEV-SNP: one entry for each page of memory that says to whom the page belongs and where its guest expects it.',
  ),
  define(
    'SEV',
    'Secure Encrypted Virtualization',
    'Each guest’s memory is encrypted under a key of its own, chosen by its ASID, which the hypervisor does not have.',
  ),
  define('SEV-ES', 'SEV, encrypted state', 'SEV that hides the guest’s registers, too.'),
  define(
    'SEV-SNP',
    'SEV, secure nested paging',
    'SEV that also protects the integrity of a guest’s memory, with the RMP.',
  ),
  define(
    'SME',
    'Secure Memory Encryption',
    'One key for the whole machine. The host chooses by C-bit which pages are encrypted.',
  ),
  define(
    'SPA',
    'system-physical address',
    'The address that the memory controller sees: a real place in the DRAM.',
    'SPAs',
  ),
  define(
    'SYSCFG',
    undefined,
    'The register with the switch that turns memory encryption on for the whole machine.',
  ),
  define(
    'TEK',
    'transport encryption key',
    'Drawn by a guest’s owner: encrypts the secrets that they send into the launch.',
  ),
  define(
    'TIK',
    'transport integrity key',
    'Drawn by a guest’s owner: under it the firmware authenticates the measurement, and the owner the secret.',
  ),
  define(
    'TLB',
    'translation lookaside buffer',
    'A core’s memory of recent translations, C-bit included. Until it is flushed it may disagree with the tables.',
  ),
  define(
    'TMR',
    'trusted memory region',
    'A megabyte, with SEV-SNP two, that the data fabric keeps for the secure processor and microcode: with SEV-ES the checksums of VMSAs lie there.',
    'trusted memory region',
  ),
  define(
    'TSME',
    'Transparent SME',
    'Switched on in the BIOS: everything that has no other key is encrypted with the host’s, whatever the page tables say.',
  ),
  define(
    'tweak',
    undefined,
    'A value made from the physical address and mixed in before and after the cipher, so that equal blocks at different places look different.',
    'tweaks',
  ),
  define(
    '#VC',
    'VMM communication exception',
    'What hardware raises in a guest with SEV-ES instead of leaving it: the guest itself decides what the hypervisor gets to see.',
  ),
  define(
    'vCPU',
    'virtual CPU',
    'What a guest takes for a processor. Xen runs it on a core for a while, then another one.',
  ),
  define(
    'VMCB',
    'virtual machine control block',
    'The page that describes a guest to VMRUN: its registers, its ASID, whether it has SEV.',
  ),
  define('VMEXIT', undefined, 'The moment a guest stops and the hypervisor goes on.'),
  define(
    'VMGEXIT',
    undefined,
    'The instruction with which a guest with SEV-ES leaves of its own will, after it has filled its GHCB or a message.',
  ),
  define(
    'VMPL',
    'virtual machine privilege level',
    'A level, 0 to 3, at which a vCPU of an SNP guest runs. The RMP says for each page what each level may do with it; 0 may do most.',
    'VMPLs',
  ),
  define('VMRUN', undefined, 'The instruction with which the hypervisor lets a guest run on this core.'),
  define(
    'VMSA',
    'virtual machine save area',
    'The page that keeps a guest’s registers while it does not run; encrypted with SEV-ES and SEV-SNP.',
  ),
  define(
    'WBINVD',
    undefined,
    'Writes back and empties the caches of this core’s complex. Those of another complex keep their lines.',
  ),
  define(
    'XEX',
    'xor–encrypt–xor',
    'The mode of the memory encryption: tweak, cipher, tweak again. A block can be rewritten without touching its neighbours.',
  ),
  define('XTS', undefined, 'A standard mode for storage, a close relative of XEX.'),
];

const byWord = new Map<string, Definition>();
for (const definition of GLOSSARY) {
  for (const word of [definition.word, ...(definition.also ?? [])])
    byWord.set(word.toLowerCase(), definition);
}

export const definitionOf = (word: string): Definition | null => byWord.get(word.toLowerCase()) ?? null;

const escaped = (word: string): string => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
const words = [...byWord.values()]
  .flatMap((definition) => [definition.word, ...(definition.also ?? [])])
  .filter((word, index, all) => all.indexOf(word) === index)
  .sort((a, b) => b.length - a.length);

/** Finds the words of the glossary in running text; capturing, so that `split` keeps them. */
export const TERMS = new RegExp(`(?<![\\w-])(${words.map(escaped).join('|')})(?![\\w-])`, 'g');
