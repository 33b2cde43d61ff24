import type { Platform } from '../../core/platform';
import { type Answer, type Asked, NOTHING } from './answer';
import { takeOnInit } from './apCreation';
import { patchVcpu, vcpuOf, vcpusOf } from './vcpus';

/** GPA of the local APIC’s registers (APM vol. 2 §16.3.1). */
export const LAPIC_BASE = 0xfee0_0000;

/** Registers of the local APIC that Xen emulates here (APM vol. 2 §16.3.2). Modelled: a handful of them. */
const AT = { id: 0x20, version: 0x30, taskPriority: 0x80, commandLow: 0x300, commandHigh: 0x310 } as const;
const VERSION = 0x0005_0014;

/** Message types of the interrupt command register (APM vol. 2 §16.5). */
const MESSAGE = { init: 5, startup: 6 } as const;

/** A load from the local APIC: 4 bytes. */
export function readApic(p: Platform, { domain, vcpu }: Asked, offset: number): number {
  switch (offset) {
    case AT.id:
      return vcpu << 24;
    case AT.version:
      return VERSION;
    case AT.taskPriority:
      return vcpuOf(p, domain, vcpu).tpr;
    case AT.commandHigh:
      return (vcpuOf(p, domain, vcpu).destination << 24) >>> 0;
    default:
      return 0;
  }
}

/** A store to it. A startup interrupt wakes a vCPU that waits for one (Xen xen/arch/x86/hvm/vlapic.c, vlapic_ipi). */
export function writeApic(p: Platform, asked: Asked, offset: number, value: number): Answer {
  const { domain, vcpu } = asked;
  if (offset === AT.taskPriority) patchVcpu(p, domain, vcpu, { tpr: value & 0xff });
  if (offset === AT.commandHigh) patchVcpu(p, domain, vcpu, { destination: value >>> 24 });
  if (offset === AT.commandLow) sendInterrupt(p, asked, value);
  return NOTHING;
}

function sendInterrupt(p: Platform, { domain, vcpu }: Asked, command: number): void {
  const target = vcpuOf(p, domain, vcpu).destination;
  if (target >= vcpusOf(p, domain).vcpus.length) return;
  const type = (command >>> 8) & 7;
  if (type === MESSAGE.init && !takeOnInit(p, domain, target))
    patchVcpu(p, domain, target, { state: 'waits', startup: null });
  if (type === MESSAGE.startup && vcpuOf(p, domain, target).state === 'waits')
    patchVcpu(p, domain, target, { startup: command & 0xff });
}
