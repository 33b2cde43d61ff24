/**
 * What a command answers: bits 15:0 of CmdResp. Values as in Linux include/uapi/linux/psp-sev.h; meanings from
 * AMD-ASPFW and virtee/sev src/error.rs.
 */
const TABLE = [
  ['SUCCESS', 0x00, 'The command was carried out.'],
  ['INVALID_PLATFORM_STATE', 0x01, 'The platform’s state does not allow the command.'],
  ['INVALID_GUEST_STATE', 0x02, 'The guest’s state does not allow the command.'],
  ['INVALID_CONFIG', 0x03, 'Something about the platform’s configuration does not fit.'],
  ['INVALID_LENGTH', 0x04, 'A buffer has the wrong length; several commands answer with the right one.'],
  ['ALREADY_OWNED', 0x05, 'The platform has an owner already.'],
  ['INVALID_CERTIFICATE', 0x06, 'A certificate is malformed, or not of the kind that is needed here.'],
  ['POLICY_FAILURE', 0x07, 'The guest’s policy forbids it.'],
  ['INACTIVE', 0x08, 'The guest has no ASID.'],
  ['INVALID_ADDRESS', 0x09, 'An address is misaligned or not allowed.'],
  ['BAD_SIGNATURE', 0x0a, 'A signature does not verify.'],
  ['BAD_MEASUREMENT', 0x0b, 'A MAC, a tag or a measurement does not fit.'],
  ['ASID_OWNED', 0x0c, 'The ASID is somebody’s, or not clean on every core complex.'],
  ['INVALID_ASID', 0x0d, 'The ASID is out of range for this kind of guest.'],
  ['WBINVD_REQUIRED', 0x0e, 'Some core has not written its caches back yet.'],
  ['DF_FLUSH_REQUIRED', 0x0f, 'The ASID was used and not flushed since.'],
  ['INVALID_GUEST', 0x10, 'The handle belongs to no guest.'],
  ['INVALID_COMMAND', 0x11, 'There is no such command.'],
  ['ACTIVE', 0x12, 'The guest still has an ASID.'],
  ['HARDWARE_PLATFORM', 0x13, 'The hardware failed; parameter buffers may be used again.'],
  ['HARDWARE_UNSAFE', 0x14, 'The hardware failed; parameter buffers must not be used again.'],
  ['UNSUPPORTED', 0x15, 'The feature is not supported.'],
  ['INVALID_PARAM', 0x16, 'A parameter is wrong.'],
  ['RESOURCE_LIMIT', 0x17, 'The firmware has run out of something.'],
  ['SECURE_DATA_INVALID', 0x18, 'The persistent data fail their integrity check.'],
  ['INVALID_PAGE_SIZE', 0x19, 'A page has another size in the RMP.'],
  ['INVALID_PAGE_STATE', 0x1a, 'A page is in a state that the command does not take.'],
  ['INVALID_MDATA_ENTRY', 0x1b, 'A metadata entry is wrong.'],
  ['INVALID_PAGE_OWNER', 0x1c, 'A page belongs to another guest.'],
  ['AEAD_OFLOW', 0x1d, 'A counter of the authenticated cipher would overflow.'],
  ['EXIT_RING_BUFFER', 0x1f, 'A mailbox write ended ring-buffer mode and was ignored.'],
  ['RMP_INIT_REQUIRED', 0x20, 'The RMP has to be initialised first.'],
  ['BAD_SVN', 0x21, 'A security version is too old.'],
  ['BAD_VERSION', 0x22, 'The firmware version is too old.'],
  ['SHUTDOWN_REQUIRED', 0x23, 'SNP has to be shut down first.'],
  ['UPDATE_FAILED', 0x24, 'The new firmware refused the state it found.'],
  ['RESTORE_REQUIRED', 0x25, 'The committed firmware has to be installed again.'],
  ['RMP_INITIALIZATION_FAILED', 0x26, 'The RMP could not be written.'],
  ['INVALID_KEY', 0x27, 'The key is absent or not allowed.'],
  ['SHUTDOWN_INCOMPLETE', 0x28, 'SNP could not be shut down completely.'],
  ['BUFFER_IN_RMP', 0x56, 'With SNP: the command buffer lies in the RMP.'],
  ['BUFFER_PAGE_STATE', 0x5a, 'With SNP: the command buffer is no firmware page.'],
  [
    'ERR_INTERNAL',
    0xffff,
    'An error inside the firmware that no specification names; its number is not published.',
  ],
] as const;

export type StatusName = (typeof TABLE)[number][0];

export interface Status {
  readonly name: StatusName;
  readonly value: number;
  readonly meaning: string;
  /** The number of an error that escapes from inside the firmware is modelled. */
  readonly standing: 'published' | 'modelled';
}

/** Every status by its name. */
export const STATUS = Object.fromEntries(
  TABLE.map(([name, value, meaning]) => [
    name,
    { name, value, meaning, standing: name === 'ERR_INTERNAL' ? 'modelled' : 'published' },
  ]),
) as { readonly [N in StatusName]: Status & { readonly name: N } };

const byValue = new Map<number, Status>(Object.values(STATUS).map((status) => [status.value, status]));

/** The status with this number, or null. */
export const statusOf = (value: number): Status | null => byValue.get(value) ?? null;
