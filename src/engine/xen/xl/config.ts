import type { VmmType } from '../../asp/image/vmsa';

export type GuestType = 'pv' | 'pvh' | 'hvm';

/** The kinds of encrypted guest, as the project's own key `sev_type` names them. */
export const SEV_TYPES = ['sev', 'sev-es', 'sev-snp'] as const;
export type SevType = (typeof SEV_TYPES)[number];

/**
 * What an SNP guest’s owner signed: base64 in the file, as QEMU’s sev-snp-guest takes id-block, id-auth and
 * author-key-enabled (qapi/qom.json). Nobody proposes such keys for xl (hypothetical).
 */
export type XlIdentity = {
  /** Hexadecimal: 96 bytes, and 4096 bytes. */
  readonly block: string;
  readonly auth: string;
  /** The author’s key in it counts, too. */
  readonly author: boolean;
};

/**
 * The firmware image that an SNP guest starts from, and the registers that it starts with. For such a guest no xl has keys:
 * `firmware` takes a path as it does for HVM, and the others are options of virtee/sev-snp-measure (hypothetical).
 */
export type XlFirmware = {
  readonly path: string;
  readonly vmm: VmmType;
  /** CPUID Fn0000_0001_EAX; null: of the processor below. */
  readonly signature: number | null;
  /** SEV_FEATURES, in hexadecimal. */
  readonly features: string;
};

/** What a guest does at its end, as `on_poweroff`, `on_reboot` and `on_crash` name it. */
export const SHUTDOWN_ACTIONS = [
  'destroy',
  'restart',
  'rename-restart',
  'preserve',
  'coredump-destroy',
  'coredump-restart',
  'soft-reset',
] as const;
export type ShutdownAction = (typeof SHUTDOWN_ACTIONS)[number];

/**
 * What `xl` makes of a configuration, before libxl fills in its defaults. A field that the file does not set is
 * absent, except where xl itself has a default.
 */
export interface XlConfig {
  readonly name: string;
  readonly type: GuestType;
  readonly vcpus: number;
  readonly maxVcpus: number;
  /** KiB; absent without `memory`. */
  readonly targetMemKiB?: number;
  /** KiB; `memory` unless `maxmem` says otherwise. */
  readonly maxMemKiB?: number;
  readonly kernel?: string;
  readonly ramdisk?: string;
  readonly cmdline?: string;
  /** HVM only: seabios, ovmf or rombios, or `BIOS_BY_DEVICE_MODEL`. */
  readonly bios?: string;
  /** Device specifications as they stand in the file. */
  readonly disk?: readonly string[];
  readonly vif?: readonly string[];
  /** Nested page tables by the processor. */
  readonly hap: boolean;
  readonly nestedHvm: boolean;
  /** Did the file ask, in this dialect, for an encrypted guest? */
  readonly encrypted: boolean;
  /** The guest policy for LAUNCH_START, 32 bits. */
  readonly sevPolicy?: number;
  /** SEV_FEATURES of an SNP guest’s VMSAs, beside SNPActive. */
  readonly sevFeatures?: number;
  readonly x2apicMode?: 'default' | 'pre_enable';
  readonly fixedMemLayout?: boolean;
  readonly sevType?: SevType;
  /** A monitor at VMPL0, and the kernel below it. */
  readonly svsm?: boolean;
  /** What an SNP guest’s owner signed; and 32 bytes of the host’s for its reports, hexadecimal. */
  readonly identity?: XlIdentity;
  readonly hostData?: string;
  readonly firmware?: XlFirmware;
  readonly other: OtherSettings;
}

/** Settings that `xl` reads and that decide little or nothing in the simulator. */
export interface OtherSettings {
  readonly uuid?: string;
  readonly bootloader?: string;
  /** Path of an HVM firmware image, from `firmware`. */
  readonly firmwarePath?: string;
  readonly cpus?: readonly string[];
  readonly cpuid?: readonly string[];
  readonly pci?: readonly string[];
  readonly vfb?: readonly string[];
  readonly serial?: readonly string[];
  readonly viridian?: readonly string[] | boolean;
  readonly passthrough?: string;
  readonly altp2m?: string;
  readonly vnc?: boolean;
  readonly acpi?: boolean;
  readonly apic?: boolean;
  readonly vpmu?: boolean;
  readonly oos?: boolean;
  readonly nomigrate?: boolean;
  readonly trapUnmappedAccesses?: boolean;
  readonly maxGrantFrames?: number;
  readonly maxMaptrackFrames?: number;
  readonly maxGrantVersion?: number;
  readonly onPoweroff: ShutdownAction;
  readonly onReboot: ShutdownAction;
  readonly onCrash: ShutdownAction;
}

/** The firmware of an HVM guest whose file names none: libxl decides it by the device model. */
export const BIOS_BY_DEVICE_MODEL = 'default (by device model)';

/** Would libxl build it populate-on-demand: fewer pages now than it may have (libxl_dom.c, HVM and PVH)? */
export const isPopulateOnDemand = ({ type, targetMemKiB, maxMemKiB }: XlConfig): boolean =>
  type !== 'pv' && targetMemKiB !== undefined && maxMemKiB !== undefined && targetMemKiB < maxMemKiB;
