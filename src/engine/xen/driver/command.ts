import { COMMANDS } from '../../asp/commands';
import { refusalOf } from '../../asp/dispatch';
import { bufferSize, type CommandName, packCommand, unpackCommand, type Values } from '../../asp/layouts';
import { commandWord, readMailbox, ringMailbox } from '../../asp/mailbox';
import { withC } from '../../asp/memory';
import { hex, PAGE_SIZE } from '../../core/address';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import { HOST_KEY } from '../../core/key';
import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { hostStructureKey } from '../../cpu/mode';
import { peekBytes } from '../../memory/cache';
import { cachedWrite } from '../../memory/fill';
import { call } from '../trail';
import { giveToFirmware, type Reclaim, takeBack, writesBuffer, writtenPieces } from './handOver';

const DRIVER_RULES = {
  missing: {
    id: 'xen.asp-missing',
    says: 'Without a secure processor that has been initialised the driver refuses every command with ENODEV.',
    source: 'xen-devel 2024-04-10, AMD SP driver (sev_do_cmd)',
    standing: 'published',
  },
  timeout: {
    id: 'xen.asp-timeout',
    says: 'Polling looks ten times, a tenth of a second apart, and then gives up with EIO; an interrupt is waited for half a minute.',
    source: 'xen-devel 2024-04-10, AMD SP driver (sev_do_cmd)',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/** The driver runs on the first core. */
const COMPLEX = 0;

/** A physical address as the secure processor must be given it: with the C-bit where Xen’s memory is encrypted. */
export const hostAddress = (p: Platform, spa: number): bigint =>
  withC(p, spa, hostStructureKey(p) === HOST_KEY);

/** Where the driver keeps what commands read and write, as it is given to them. */
export const dataAddress = (p: Platform): bigint => hostAddress(p, p.state.need('driver').data);

export const readData = (p: Platform, length: number): Uint8Array =>
  peekBytes(p, COMPLEX, p.state.need('driver').data, length, hostStructureKey(p));

/** The fields of a command by name; those that are left out are 0. */
export type Fields = Readonly<Record<string, number | bigint>>;

/** One command through the mailbox; answers with its buffer as the firmware left it. EFAULT carries the firmware’s status. */
export const command = (p: Platform, name: CommandName, fields: Fields): Outcome<Values> =>
  call(p, 'asp-driver', 'sev_do_cmd', { command: name }, () => {
    const driver = p.state.cell('driver');
    if (driver?.state !== 'ready')
      return p.trace.refused(
        refuse(
          DRIVER_RULES.missing,
          'ENODEV',
          driver ? 'The secure processor has stopped answering.' : 'The secure processor is not initialised.',
          { command: name },
          'The machine’s technology would have to be SEV or above, and its secure processor would have to answer.',
        ),
      );
    return submit(p, name, fields, driver.buffer, driver.spare);
  });

/** SNP_PAGE_RECLAIM of a page, from the spare buffer: the usual one may be the firmware’s itself. */
export const reclaimWith =
  (p: Platform, spare: number): Reclaim =>
  ({ spa, large }) =>
    call(p, 'asp-driver', 'sev_do_cmd', { command: 'SNP_PAGE_RECLAIM' }, () =>
      submit(p, 'SNP_PAGE_RECLAIM', { PAGE_PADDR: spa + Number(large) }, spare),
    );

/**
 * The same before the driver is ready: with a buffer that it has just allocated. With a spare one SNP is initialised, and
 * pages change hands around the command.
 */
export function submit(
  p: Platform,
  name: CommandName,
  fields: Fields,
  buffer: number,
  spare?: number,
): Outcome<Values> {
  if (bufferSize(name) > 0)
    cachedWrite(p, COMPLEX, buffer, packCommand(name, fields), hostStructureKey(p), OWNER_HYPERVISOR);
  if (spare === undefined) return ring(p, name, buffer);
  const reclaim = reclaimWith(p, spare);
  const own = writesBuffer(name) ? [{ spa: buffer, large: false }] : [];
  const pieces = [...own, ...writtenPieces(p, name, fields)];
  const given = giveToFirmware(p, pieces, reclaim);
  if (!given.ok) return given;
  const answered = ring(p, name, buffer);
  if (p.state.cell('driver')?.state === 'dead') return answered;
  const taken = takeBack(p, pieces, reclaim);
  return answered.ok && !taken.ok ? taken : answered;
}

/** Rings the mailbox for what lies in the buffer, waits, and looks at the status. */
function ring(p: Platform, name: CommandName, buffer: number): Outcome<Values> {
  const size = bufferSize(name);
  const address = size > 0 ? hostAddress(p, buffer) : 0n;
  const answer = ringMailbox(p, {
    lo: Number(address & 0xffffffffn),
    hi: Number(address >> 32n),
    cmdResp: commandWord(COMMANDS[name].id),
  });
  if (!answer || !(readMailbox(p, 'CmdResp') >>> 31)) {
    if (p.state.cell('driver')) p.trace.patch('driver', 0, { state: 'dead' });
    return p.trace.refused(
      refuse(
        DRIVER_RULES.timeout,
        'EIO',
        `The secure processor did not answer ${name}.`,
        { command: name, buffer: hex(buffer) },
        'A secure processor that answers.',
      ),
    );
  }
  const refusal = refusalOf(name, answer);
  if (refusal) return refusal;
  const back = peekBytes(p, COMPLEX, buffer, Math.min(size, PAGE_SIZE), hostStructureKey(p));
  return ok(size > 0 ? unpackCommand(name, back) : {});
}
