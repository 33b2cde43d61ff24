import type { VcpuChoice } from '../../../worker/protocol';

export const FACES = [
  { value: 'registers', title: 'Registers' },
  { value: 'exits', title: 'Exits' },
  { value: 'ghcb', title: 'GHCB' },
  { value: 'program', title: 'Program' },
] as const;
export type Face = (typeof FACES)[number]['value'];

/** What a step of a scenario wants to be seen of registers. */
export interface Wish {
  readonly face: Face | null;
  /** Empty: what the machine thinks worth it. */
  readonly vcpus: readonly VcpuChoice[];
}

const VCPU = /^([a-z][a-z0-9-]*)(?:\.(\d{1,3}))?$/;

/** Reads a step’s `eye`: a face, and behind it up to two vCPUs, `exits alice bob.1`. */
export function wishOf(eye: string): Wish {
  const words = eye.trim().split(/\s+/);
  const face = FACES.find(({ value }) => value === words[0])?.value ?? null;
  const named = (face ? words.slice(1) : words).slice(0, 2);
  const vcpus = named.flatMap((word) => {
    const [, guest, vcpu = '0'] = VCPU.exec(word) ?? [];
    return guest ? [{ guest, vcpu: Number(vcpu) }] : [];
  });
  return { face, vcpus };
}
