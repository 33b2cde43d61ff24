import { branch, call, cocoRfc, upstream } from './call';

/** The guest's memory: populated, loaded, and what the launch encrypts of it, in the order of the calls (xen.md D). */
export const BUILD_CALLS = {
  libxl__domain_build: upstream('libxl', 'tools/libs/light/libxl_create.c'),
  libxl__build_hvm: upstream('libxl', 'tools/libs/light/libxl_dom.c'),
  libxl__build_dom: upstream('libxl', 'tools/libs/light/libxl_dom.c'),
  xc_dom_boot_xen_init: upstream('libxenguest', 'tools/libs/guest/xg_dom_boot.c'),
  xc_dom_parse_image: upstream('libxenguest', 'tools/libs/guest/xg_dom_core.c'),
  xc_dom_mem_init: upstream('libxenguest', 'tools/libs/guest/xg_dom_core.c'),
  xc_dom_boot_mem_init: upstream('libxenguest', 'tools/libs/guest/xg_dom_boot.c'),
  meminit_hvm: upstream('libxenguest', 'tools/libs/guest/xg_dom_x86.c', {
    note: 'gives the guest its pages',
  }),
  XENMEM_populate_physmap: upstream('hypercall', 'xen/include/public/memory.h', {
    note: 'memory_op, subop 6',
  }),
  xc_dom_build_image: upstream('libxenguest', 'tools/libs/guest/xg_dom_core.c', {
    note: 'dom0 writes kernel and ramdisk in plaintext',
  }),
  xc_dom_boot_image: upstream('libxenguest', 'tools/libs/guest/xg_dom_boot.c', {
    note: "start info and the first vCPU's registers",
  }),
  xg_dom_coco_encrypt_seg: cocoRfc('libxenguest', 'tools/libs/guest/xg_dom_boot.c', {
    note: 'only what the guest boots from: kernel, ramdisk, start info, ACPI',
  }),
  xc_coco_prepare_initial_mem: cocoRfc('libxc', 'tools/libs/ctrl'),
  '__HYPERVISOR_coco_op / XEN_COCO_prepare_initial_mem': cocoRfc(
    'hypercall',
    'xen/include/public/hvm/coco.h',
    { note: 'hypercall 43, subop 1: a domain, its first frame, how many' },
  ),
  sev_domain_prepare_initial_mem: cocoRfc('svm', 'xen/arch/x86/coco/sev.c', {
    note: 'collects runs of contiguous frames, up to 512 pages each',
    aspCommands: ['LAUNCH_UPDATE_DATA'],
  }),
  snp_domain_prepare_initial_mem: branch('svm', 'xen/arch/x86/coco/sev.c', {
    note: 'each page by itself: RMPUPDATE, then measured and encrypted',
    aspCommands: ['SNP_LAUNCH_UPDATE'],
    alternativeTo: 'sev_domain_prepare_initial_mem',
  }),
  'flush_all(FLUSH_CACHE_WRITEBACK)': branch('svm', 'xen/arch/x86/coco/sev.c', {
    note: 'what dom0 wrote must be in DRAM before the firmware encrypts it',
  }),
  LAUNCH_UPDATE_DATA: call('firmware', '(firmware)', 'hardware', 'amd/AMD-ASPFW', {
    note: 'encrypts in place and goes on with the measurement',
    refuses: ['INACTIVE', 'INVALID_GUEST_STATE', 'INVALID_ADDRESS'],
  }),
  xc_dom_gnttab_init: upstream('libxenguest', 'tools/libs/guest/xg_dom_boot.c'),
  libxl__build_post: upstream('libxl', 'tools/libs/light/libxl_dom.c'),
  domcreate_launch_dm: upstream('libxl', 'tools/libs/light/libxl_create.c', { note: 'QEMU, for HVM' }),
  domcreate_attach_devices: upstream('libxl', 'tools/libs/light/libxl_create.c'),
  domcreate_complete: upstream('libxl', 'tools/libs/light/libxl_create.c'),
} as const;
