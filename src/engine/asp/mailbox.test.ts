import { describe, expect, it } from 'vitest';
import { AT, Firmware } from '../testing/firmware';
import { COMMANDS } from './commands';
import { packCommand, unpackCommand } from './layouts';
import {
  bellOf,
  commandWord,
  hang,
  mailboxAddress,
  mailboxOf,
  readMailbox,
  ringMailbox,
  wake,
  writeMailbox,
} from './mailbox';
import { withC } from './memory';

describe('the mailbox', () => {
  it('has the registers of its generation in the window of device registers', () => {
    const at = (generation: 'naples' | 'milan') =>
      mailboxAddress(new Firmware({ generation }).p.config, 'CmdResp');
    expect([at('naples'), at('milan')]).toEqual([0x1_0001_0580, 0x1_0001_0980]);
  });

  it('answers a command with bit 31, the status, and nothing in the address registers', () => {
    const { p } = new Firmware();
    ringMailbox(p, bellOf(COMMANDS.NOP.id, 0x123456789n));
    expect(readMailbox(p, 'CmdResp')).toBe(0x800e0000);
    expect([mailboxOf(p).bufferLow, mailboxOf(p).bufferHigh]).toEqual([0, 0]);
    ringMailbox(p, bellOf(COMMANDS.PEK_GEN.id, 0n));
    expect(readMailbox(p, 'CmdResp')).toBe(0x80050001);
    expect(mailboxOf(p).bufferLow).toBe(1);
  });

  it('does nothing for a word with bit 31 set', () => {
    const { p } = new Firmware();
    expect(writeMailbox(p, 'CmdResp', 0x80000000 + commandWord(COMMANDS.INIT.id))).toBe(null);
    expect(p.state.cell('platform')).toBe(null);
  });

  it('raises an interrupt when it is asked to, until somebody clears it', () => {
    const { p } = new Firmware();
    ringMailbox(p, bellOf(COMMANDS.NOP.id, 0n));
    expect(mailboxOf(p).interruptStatus).toBe(0);
    ringMailbox(p, bellOf(COMMANDS.NOP.id, 0n, true));
    expect(mailboxOf(p).interruptStatus).toBe(2);
    writeMailbox(p, 'IntStatus', 2);
    expect(mailboxOf(p).interruptStatus).toBe(0);
  });

  it('stays silent while the secure processor hangs, and then answers what waits', () => {
    const { p } = new Firmware();
    hang(p);
    expect(ringMailbox(p, bellOf(COMMANDS.INIT.id, BigInt(AT.buffer)))).toBe(null);
    expect(readMailbox(p, 'CmdResp') >>> 31).toBe(0);
    expect(wake(p)?.status).toBe('SUCCESS');
    expect(p.state.need('platform').sev).toBe('INIT');
    expect(wake(p)).toBe(null);
  });

  it('reads and writes the buffer with the key that its address asks for', () => {
    const fw = new Firmware({ sme: 'full' });
    const { p } = fw;
    const encrypted = p.cipher(0)?.encrypt(AT.buffer, new Uint8Array(16)) ?? new Uint8Array();
    fw.put(AT.buffer, encrypted);
    const answer = ringMailbox(p, bellOf(COMMANDS.PLATFORM_STATUS.id, withC(p, AT.buffer, true)));
    expect(answer?.status).toBe('SUCCESS');
    expect(unpackCommand('PLATFORM_STATUS', fw.get(AT.buffer, 12)).API_MINOR).not.toBe(55n);
    const plain = p.cipher(0)?.decrypt(AT.buffer, fw.get(AT.buffer, 16)) ?? new Uint8Array();
    expect(unpackCommand('PLATFORM_STATUS', plain).API_MINOR).toBe(55n);
  });

  it('knows no command with other numbers, and says which it does not have', () => {
    const { p } = new Firmware();
    for (const id of [0, 0x10, 0x26, 0x72, 0x80, 0xcc, 0xcf, 0x7ff])
      expect(ringMailbox(p, bellOf(id, 0n))?.status).toBe('INVALID_COMMAND');
    const old = new Firmware({ generation: 'rome' });
    const answer = ringMailbox(old.p, bellOf(0x81, 0n));
    expect(answer).toMatchObject({ status: 'INVALID_COMMAND', check: { standing: 'modelled' } });
  });

  it('refuses a buffer that it may not read', () => {
    const fw = new Firmware();
    for (const buffer of [AT.forbidden, AT.nowhere, AT.forbidden - 2])
      expect(fw.command('GET_ID', { ID_PADDR: AT.out, ID_LEN: 64 }, buffer).check?.id).toBe(
        'asp.buffer-range',
      );
  });
});

describe('ring-buffer mode', () => {
  it('ends with the next ordinary command, which is not carried out', () => {
    const fw = new Firmware().init();
    const page = 4096;
    fw.done('RING_BUFFER', { LO_CMD_PTR: AT.out, LO_STATUS_PTR: AT.out + page, LO_SIZE: 1 });
    expect(fw.command('PEK_GEN').status).toBe('EXIT_RING_BUFFER');
    expect(fw.p.state.need('platform').ring).toBe(null);
    expect(fw.command('PEK_GEN').status).toBe('SUCCESS');
  });
});

describe('command buffers', () => {
  it('hold each field where the table says', () => {
    const bytes = packCommand('ACTIVATE', { HANDLE: 0x01020304, ASID: 5 });
    expect([...bytes]).toEqual([4, 3, 2, 1, 5, 0, 0, 0]);
    expect(unpackCommand('ACTIVATE', bytes)).toEqual({ HANDLE: 0x01020304n, ASID: 5n });
    expect(() => packCommand('ACTIVATE', { WHAT: 1 })).toThrow(RangeError);
  });

  it('give back what was packed', () => {
    for (const name of Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]) {
      const bytes = packCommand(name, {}).map((_, i) => (i * 37 + 11) & 0xff);
      expect(packCommand(name, unpackCommand(name, bytes))).toEqual(bytes);
    }
  });
});
