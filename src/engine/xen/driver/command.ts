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
    return submit(p, name, fields, driver.buffer);
  });

/** The same before the driver is ready: with a buffer that it has just allocated. */
export function submit(p: Platform, name: CommandName, fields: Fields, buffer: number): Outcome<Values> {
  const size = bufferSize(name);
  if (size > 0) {
    const bytes = packCommand(name, fields);
    cachedWrite(p, COMPLEX, buffer, bytes, hostStructureKey(p), OWNER_HYPERVISOR);
  }
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
