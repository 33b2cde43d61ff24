import { XEN_TREES, type XenTree } from '../../core/config';

/** Which `xl` reads the file: today's, or one of the trees that propose keys for encrypted guests. */
export const DIALECTS = XEN_TREES;
export type Dialect = XenTree;

interface DialectFacts {
  readonly source: string;
  /** Keys that it reads beyond those of today's `xl`. */
  readonly adds: readonly string[];
}

/** What an SNP guest’s owner signed (`identity.ts`). */
const IDENTITY_KEYS = ['id_block', 'id_auth', 'author_key', 'host_data'];

/** What the registers of a guest that starts from a firmware image are (`firmware.ts`). */
const FIRMWARE_KEYS = ['vmm_type', 'vcpu_sig', 'guest_features'];

const BRANCH_COCO_KEYS = ['coco', 'sev_policy', 'x2apic_mode', 'fixed_mem_layout'];

export const DIALECT_FACTS: Readonly<Record<Dialect, DialectFacts>> = {
  upstream: {
    source: 'xen-project/xen c447b7308b: tools/xl/xl_parse.c',
    adds: [],
  },
  'rfc-2025-05': {
    source: 'xen-devel, "[RFC PATCH 00/16] Confidential computing and AMD SEV support", 2025-05-16',
    adds: ['coco'],
  },
  'branch-2024-10': {
    source: 'v-thakkar/xen, branch xl_dev, 2024-10',
    adds: ['sev'],
  },
  'branch-coco': {
    source: 'xcp-ng/xen ec8fcc8e10: tools/xl/xl_parse.c; x2apic_mode and fixed_mem_layout also on xen-devel',
    adds: BRANCH_COCO_KEYS,
  },
  project: {
    source:
      'this project: branch-coco, sev_type, svsm and sev_features, since nobody proposes keys that name the kind of guest, its monitor or its features; id_block and the like as QEMU names them, vmm_type and the like as sev-snp-measure does',
    adds: [...BRANCH_COCO_KEYS, 'sev_type', 'svsm', 'sev_features', ...IDENTITY_KEYS, ...FIRMWARE_KEYS],
  },
};

/** Keys of today's `xl` that the simulator reads too. */
const READ_KEYS: readonly string[] = (
  'name type vcpus maxvcpus memory maxmem kernel ramdisk cmdline root extra firmware bios disk vif vfb vnc serial ' +
  'on_poweroff on_reboot on_crash hap nestedhvm altp2m cpuid pci passthrough nomigrate max_grant_frames ' +
  'max_maptrack_frames max_grant_version vpmu acpi apic viridian bootloader uuid cpus oos trap_unmapped_accesses'
).split(' ');

/** Keys that today's `xl` reads on x86 and the simulator does not: they change nothing that it models. */
const UNMODELLED_KEYS: ReadonlySet<string> = new Set(
  (
    'init_seclabel seclabel builder pool pvshim pvshim_path pvshim_cmdline pvshim_extra cpu_weight cap period slice ' +
    'latency extratime vuart vnuma cpus_soft on_watchdog on_soft_reset e820_host pci_msitranslate pci_power_mgmt ' +
    'pci_permissive pci_seize rdm dtdev shadow_memory tsc_mode rtc_timeoffset vncviewer localtime videoram ' +
    'max_event_channels device_tree driver_domain bootloader_args timer_mode firmware_override bios_path_override pae ' +
    'acpi_s3 acpi_s4 acpi_laptop_slate nx hpet vpt_align mmio_hole altp2mhvm smbios_firmware acpi_firmware ' +
    'ms_vm_genid rdm_mem_boundary mca_caps vmtrace_buf_kb ioports irqs iomem p9 vtpm vdispl pvcalls vsnd channel vif2 ' +
    'usbctrl usbdev device_model device_model_override device_model_version device_model_stubdomain_override ' +
    'device_model_stubdomain_seclabel device_model_user stubdomain_kernel stubdomain_ramdisk stubdomain_memory ' +
    'device_model_args device_model_args_pv device_model_args_hvm vnclisten vncpasswd vncdisplay vncunused sdl opengl ' +
    'display xauthority dm_restrict vga stdvga hdtype keymap spice spiceport spicetls_port spicehost ' +
    'spicedisable_ticketing spicepasswd spiceagent_mouse spicevdagent spice_clipboard_sharing spiceusbredirection ' +
    'spice_image_compression spice_streaming_video nographic gfx_passthru boot usb usbversion usbdevice vkb_device ' +
    'soundhw xen_platform_pci vendor_device gic_version tee vkb xend_suspend_evtchn_compat msr_relaxed'
  ).split(' '),
);

/** The keys that this dialect's `xl` reads and the simulator with it. */
export const keysOf = (dialect: Dialect): ReadonlySet<string> =>
  new Set([...READ_KEYS, ...DIALECT_FACTS[dialect].adds]);

/**
 * Why a key changes nothing: nobody asks for it, as `xl` never says (xen.md E.1), or only the simulator leaves it out.
 * @param dialect one that does not have the key among `keysOf`.
 */
export function whyIgnored(key: string, dialect: Dialect): string {
  if (UNMODELLED_KEYS.has(key)) return `“${key}” is a key of xl that this simulator does not model.`;
  const knowing = DIALECTS.filter((other) => keysOf(other).has(key));
  if (knowing.length === 0) return `xl does not know “${key}” and ignores it without a word.`;
  const among = knowing.join(', ');
  return `xl in the dialect ${dialect} does not know “${key}” (${among} would) and ignores it without a word.`;
}
