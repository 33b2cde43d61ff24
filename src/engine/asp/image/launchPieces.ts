import { type Fault, type Outcome, ok, refuse } from '../../core/fault';
import { apResetAddress, hashesTableGpa, readFirmwareTable } from './firmwareTable';
import { hashesTable, type KernelFiles } from './hashesTable';
import { IMAGE_RULES } from './rules';
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

type Refused = { readonly ok: false; readonly fault: Fault };

function kernelPiece(image: Uint8Array, kernel: KernelFiles, gpa: number | null): LaunchPiece | Refused {
  if (gpa !== null) return { what: 'kernel hashes', bytes: hashesTable(kernel) };
  return refuse(
    IMAGE_RULES.hashes,
    'refused',
    'The image names no place for kernel hashes, so a kernel beside it would not be measured.',
    { imageBytes: image.length, kernelBytes: kernel.kernel.length },
    'With an image for direct boot (edk2 AmdSevX64), or without a kernel, it would be measured.',
  );
}

/** Everything that is measured, in the order in which it is loaded (virtee/sev-snp-measure guest.py). */
export function launchPieces(launch: SevLaunch): Outcome<readonly LaunchPiece[]> {
  const { mode, image, kernel, vcpus, vmm, signature } = launch;
  const table = readFirmwareTable(image);
  if (!table.ok) return table;
  const pieces: LaunchPiece[] = [{ what: 'image', bytes: image }];
  if (kernel) {
    const piece = kernelPiece(image, kernel, hashesTableGpa(table.value));
    if ('ok' in piece) return piece;
    pieces.push(piece);
  }
  if (mode === 'sev') return ok(pieces);

  const reset = apResetAddress(table.value);
  if (reset === null)
    return refuse(
      IMAGE_RULES.reset,
      'refused',
      'The image has no SEV-ES reset block, so nobody knows where its further processors start.',
      { imageBytes: image.length },
      'With an image built for SEV-ES, or for plain SEV, it would be measured.',
    );
  for (let i = 0; i < vcpus; i++) {
    const first = i === 0;
    const address = first ? BSP_RESET_ADDRESS : reset;
    pieces.push({ what: 'VMSA', bytes: vmsaPage({ vmm, first, address, signature, features: 0n }) });
  }
  return ok(pieces);
}
