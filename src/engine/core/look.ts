import type { Fault } from './fault';

/**
 * Whose eye looks at memory. A guest looks through its tables with its key; the hypervisor through its own mapping
 * (`mapped`: C as its direct map says; 0 and 1: its alias windows); a device through the IOMMU; a probe sees the stick.
 * `op: 'fetch'`: what a guest's core gets when it fetches instructions there.
 */
export type Eye =
  | {
      readonly eye: 'guest';
      readonly guest: string;
      readonly space: 'gva' | 'gpa' | 'spa';
      readonly op?: 'read' | 'fetch';
    }
  | { readonly eye: 'host'; readonly c: 'mapped' | 0 | 1 }
  | { readonly eye: 'device' }
  | { readonly eye: 'dram' };

/** What that eye would get now: the bytes, or the fault that the real access would raise. Looking changes nothing. */
export type Look =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly key: string }
  | { readonly ok: false; readonly fault: Fault };
