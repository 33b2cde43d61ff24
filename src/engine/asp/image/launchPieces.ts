import { type Outcome, ok } from '../../core/fault';
import { apResetAddress, hashesTableGpa, readFirmwareTable } from './firmwareTable';
import { hashesTable, type KernelFiles } from './hashesTable';
import { noKernelPlace, noResetBlock } from './refusals';
import { BSP_RESET_ADDRESS, type VmmType, vmsaPage } from './vmsa';

/** What a hypervisor loads into a SEV or SEV-ES guest before it starts. */
export interface SevLaunch {
  readonly mode: 'sev' | 'sev-es';
  /** The firmware image, whole. */
  readonly image: Uint8Array;
  readonly kernel: KernelFiles | null;
  /** For SEV-ES, where every processor's registers are measured. */
  readonly vcpus: number;
  readonly vmm: VmmType;
  /** CPUID Fn0000_0001_EAX of the guest's processors. */
  readonly signature: number;
}

/** Bytes of one LAUNCH_UPDATE_DATA or LAUNCH_UPDATE_VMSA, and what they are. */
export interface LaunchPiece {
  readonly what: 'image' | 'kernel hashes' | 'VMSA';
  readonly bytes: Uint8Array;
}

/** Everything that is measured, in the order in which it is loaded (virtee/sev-snp-measure guest.py). */
export function launchPieces(launch: SevLaunch): Outcome<readonly LaunchPiece[]> {
  const { mode, image, kernel, vcpus, vmm, signature } = launch;
  const table = readFirmwareTable(image);
  if (!table.ok) return table;
  const pieces: LaunchPiece[] = [{ what: 'image', bytes: image }];
  if (kernel) {
    if (hashesTableGpa(table.value) === null)
      return noKernelPlace({ imageBytes: image.length, kernelBytes: kernel.kernel.length });
    pieces.push({ what: 'kernel hashes', bytes: hashesTable(kernel) });
  }
  if (mode === 'sev') return ok(pieces);

  const reset = apResetAddress(table.value);
  if (reset === null) return noResetBlock(image);
  for (let i = 0; i < vcpus; i++) {
    const first = i === 0;
    const address = first ? BSP_RESET_ADDRESS : reset;
    pieces.push({ what: 'VMSA', bytes: vmsaPage({ vmm, first, address, signature, features: 0n }) });
  }
  return ok(pieces);
}
