import { BIOS_BY_DEVICE_MODEL } from './config';
import type { Dialect } from './dialects';
import { assign, type Draft, type Refusal, type Step } from './draft';
import { imagePath } from './firmware';
import type { Reader } from './reader';

/** libxl's names of an HVM guest's firmware, whatever their case (libxl_types.idl: bios_type). */
const BIOSES = ['rombios', 'seabios', 'ovmf'];
/** Where Xen installs its firmware images unless it was configured otherwise. */
const FIRMWARE_FOLDER = '/usr/lib/xen/boot';
const PASSTHROUGH = ['default', 'disabled', 'enabled', 'sync_pt', 'share_pt'];

/** Devices to pass through, kernel or firmware, nested virtualisation: the middle of `parse_config_data`. */
export const aboutBoot: Step = (draft, reader, dialect) => {
  const { other } = draft;
  assign(other, 'pci', reader.list('pci'));
  const passthrough = reader.string('passthrough');
  if (passthrough !== undefined && !PASSTHROUGH.includes(passthrough.toLowerCase())) {
    return { error: `ERROR: unknown passthrough option '${passthrough}'`, key: 'passthrough' };
  }
  assign(other, 'passthrough', passthrough?.toLowerCase());
  assign(other, 'nomigrate', reader.bool('nomigrate'));
  assign(draft, 'kernel', reader.string('kernel'));
  assign(draft, 'ramdisk', reader.string('ramdisk'));
  assign(draft, 'cmdline', commandLine(reader));
  assign(other, 'acpi', reader.bool('acpi'));
  assign(other, 'bootloader', reader.string('bootloader'));
  draft.nestedHvm = reader.bool('nestedhvm') ?? false;
  const refusal = draft.type === 'hvm' ? hvmFirmware(draft, reader) : directBoot(draft, reader, dialect);
  return refusal ?? readAltp2m(draft, reader);
};

/** `cmdline`, or else `root=<root> <extra>` (xl_parse.c: parse_cmdline). */
function commandLine(reader: Reader): string | undefined {
  const [line, root, extra] = [reader.string('cmdline'), reader.string('root'), reader.string('extra')];
  if (line === undefined) {
    const parts = [root === undefined ? undefined : `root=${root}`, extra].filter(
      (part) => part !== undefined,
    );
    return parts.length > 0 ? parts.join(' ') : undefined;
  }
  if (root !== undefined || extra !== undefined) {
    reader.warn('cmdline', 'ignoring root= and extra= in favour of cmdline=');
  }
  return line;
}

/**
 * `bios` names the firmware; `firmware` does too, or generally ("uefi", "bios", or a beginning of these words), or is
 * the path of an image.
 */
function hvmFirmware(draft: Draft, reader: Reader): Refusal | null {
  if (draft.kernel?.split('/').at(-1) === 'hvmloader') {
    reader.warn('kernel', 'kernel= names hvmloader: ignored, firmware_override= is for that');
    delete draft.kernel;
  }
  draft.bios = BIOS_BY_DEVICE_MODEL;
  const bios = reader.string('bios')?.toLowerCase();
  if (bios !== undefined && bios !== 'unknown') {
    if (!BIOSES.includes(bios))
      return { error: `ERROR: invalid value "${reader.string('bios')}" for "bios"`, key: 'bios' };
    draft.bios = bios;
  }
  assign(draft.other, 'apic', reader.bool('apic'));
  const refusal = readViridian(draft, reader);
  if (refusal) return refusal;
  const firmware = reader.string('firmware');
  if (firmware === undefined) return null;
  if (BIOSES.includes(firmware.toLowerCase())) draft.bios = firmware.toLowerCase();
  else if ('uefi'.startsWith(firmware)) draft.bios = 'ovmf';
  else if (!'bios'.startsWith(firmware)) draft.other.firmwarePath = firmware;
  return null;
}

/**
 * PV and PVH: a kernel, or `firmware` for one of Xen's boot loaders in its place, or a `bootloader`. An image that a PVH guest
 * is to start from may have a kernel beside it, whose hash is measured.
 */
function directBoot(draft: Draft, reader: Reader, dialect: Dialect): Refusal | null {
  const firmware = reader.string('firmware');
  if (draft.type === 'pvh' && imagePath(firmware, dialect)) return null;
  if (firmware !== undefined) {
    if (draft.kernel !== undefined) {
      return { error: 'ERROR: both kernel and firmware specified', key: 'firmware' };
    }
    if (!['pvgrub32', 'pvgrub64'].some((name) => name.startsWith(firmware))) {
      return { error: 'ERROR: only pvgrub{32|64} supported as firmware options', key: 'firmware' };
    }
    draft.kernel = `${FIRMWARE_FOLDER}/${firmware}.bin`;
  }
  if (draft.kernel === undefined && draft.other.bootloader === undefined) {
    return { error: 'Neither kernel nor bootloader specified', key: 'type' };
  }
  return null;
}

const ENLIGHTENMENTS = (
  'base freq time_ref_count reference_tsc hcall_remote_tlb_flush apic_assist crash_ctl synic stimer hcall_ipi ' +
  'ex_processor_masks no_vp_limit cpu_hotplug'
).split(' ');

/** Enlightenments for Windows guests: a list of names, each perhaps with `!`, or a number as yes or no. */
function readViridian({ other }: Draft, reader: Reader): Refusal | null {
  if (!reader.isList('viridian')) {
    const value = reader.long('viridian', true);
    if (value !== undefined) other.viridian = value !== 0;
    return null;
  }
  const names = reader.list('viridian') ?? [];
  const unknown = names
    .filter((name) => name !== 'all' && name !== 'defaults')
    .map((name) => name.replace(/^!/, ''))
    .find((name) => !ENLIGHTENMENTS.includes(name.toLowerCase()));
  if (unknown !== undefined) {
    return { error: `xl: unknown viridian enlightenment '${unknown}'`, key: 'viridian' };
  }
  other.viridian = names;
  return null;
}

/** Modes by number (libxl_types.idl: altp2m_mode). */
const ALTP2M = ['disabled', 'mixed', 'external', 'limited'];

function readAltp2m({ other }: Draft, reader: Reader): Refusal | null {
  const number = reader.long('altp2m', true);
  const word = number === undefined ? reader.string('altp2m') : undefined;
  if (number === undefined && word === undefined) return null;
  const mode = ALTP2M.find((name, i) => i === number || name === word?.toLowerCase());
  if (mode === undefined) {
    const written = word === undefined ? String(number) : `"${word}"`;
    return { error: `ERROR: invalid value ${written} for "altp2m"`, key: 'altp2m' };
  }
  other.altp2m = mode;
  return null;
}
