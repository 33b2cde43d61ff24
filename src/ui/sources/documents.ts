import type { RuleEntry } from './types';

/** A document, or a body of source code, that rules cite. */
export interface Document {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** Recognises a source by how it is written. */
  readonly cites: RegExp;
}

export const DOCUMENTS: readonly Document[] = [
  {
    id: 'apm',
    title: 'AMD64 Architecture Programmer’s Manual',
    about: 'Volumes 2 (24593) and 3 (24594); SEV, SEV-ES and SEV-SNP are §15.34 to §15.36 of volume 2.',
    cites: /^APM/,
  },
  {
    id: 'aspfw',
    title: 'AMD-ASPFW: the secure processor’s firmware',
    about: 'amd/AMD-ASPFW, first publication of 30 August 2023: the SEV firmware of Genoa and Bergamo.',
    cites: /^AMD-ASPFW/,
  },
  {
    id: 'amd',
    title: 'Other documents of AMD',
    about: 'SEV API, IOMMU specification, white papers.',
    cites: /^AMD /,
  },
  {
    id: 'xen',
    title: 'Xen',
    about: 'Source code of the hypervisor and its tools.',
    cites: /^(Xen\b|xen\/|tools\/|xen-project)/,
  },
  {
    id: 'proposals',
    title: 'Proposals for Xen',
    about: 'Series on xen-devel and branches of xcp-ng/xen: nothing of them is upstream.',
    cites: /^(xen-devel|xcp-ng)/,
  },
  {
    id: 'linux',
    title: 'Linux',
    about: 'Its ccp driver, KVM, and the guest’s side.',
    cites: /^Linux/,
  },
  {
    id: 'own',
    title: 'This simulator',
    about: 'What nobody publishes, or what belongs to the simulator itself.',
    cites: /^(modelled|this simulator|the machine|the guest OS|physics|SEVscope)/,
  },
  { id: 'others', title: 'Papers, standards and other software', about: '', cites: /./ },
];

export const documentOf = ({ source }: Pick<RuleEntry, 'source'>): Document => {
  const found = DOCUMENTS.find(({ cites }) => cites.test(source));
  if (!found) throw new Error('the last document takes every source');
  return found;
};

/** What the talk refers to. */
export const REFERENCES: readonly { readonly title: string; readonly by: string; readonly for: string }[] = [
  {
    title: 'Enabling AMD SEV in Xen',
    by: 'Vaishali Thakkar (Vates), Xen Summit 2024',
    for: 'the talk that this simulator follows, row by row',
  },
  {
    title: 'AMD Memory Encryption',
    by: 'David Kaplan, Jeremy Powell, Tom Woller; white paper, 2016',
    for: 'SME and SEV',
  },
  {
    title: 'Protecting VM Register State with SEV-ES',
    by: 'David Kaplan; white paper, 2017',
    for: 'SEV-ES',
  },
  {
    title: 'AMD SEV-SNP: Strengthening VM Isolation with Integrity Protection and More',
    by: 'AMD; white paper, 2020',
    for: 'SEV-SNP',
  },
  {
    title: 'AMD Memory Encryption',
    by: 'Brijesh Singh (AMD), Xen developer summit, August 2016',
    for: 'the 2016 talk: SME and SEV for Xen',
  },
  {
    title: 'ASID Allocator and TLB management in Xen for x86',
    by: 'Vaishali Thakkar; blog post, 18 May 2024',
    for: 'today’s allocator and the xen-wide one',
  },
  {
    title: 'AMD64 Architecture Programmer’s Manual, volume 2, §15.34 to §15.36',
    by: 'AMD, publication 24593',
    for: 'what the processor does',
  },
  {
    title: 'AMD-ASPFW',
    by: 'AMD; source code of the secure processor’s firmware, 2023',
    for: 'what every command checks, in its order',
  },
];
