import { hex } from '../../../engine/core/address';
import { byteChar, byteHex } from '../../kit/hexRows';
import { written } from '../shared/names';
import type { PaneState } from './eyes';

interface Props {
  readonly cursor: number | null;
  readonly base: number;
  readonly panes: { readonly guest: PaneState; readonly host: PaneState; readonly dram: PaneState };
  readonly guest: string | null;
}

function said(pane: PaneState, offset: number): string {
  if (pane.kind === 'fault') return pane.fault.name;
  if (pane.kind === 'none') return 'nothing';
  const byte = pane.bytes[offset] ?? 0;
  const char = byteChar(byte);
  return char === '·' ? byteHex(byte) : `${byteHex(byte)} ‘${char}’`;
}

/** The byte under the cursor in all three eyes, in words; read out as the cursor moves. */
export function ByteReadout({ cursor, base, panes, guest }: Props) {
  if (cursor === null) {
    return <p className="readout faint">Point at a byte: all three eyes show the same one.</p>;
  }
  return (
    <output className="readout mono">
      <span>{hex(base + cursor)}</span>
      {guest && (
        <span>
          {written(guest)} {said(panes.guest, cursor)}
        </span>
      )}
      <span>Xen {said(panes.host, cursor)}</span>
      <span>DRAM {said(panes.dram, cursor)}</span>
      <span className="faint">AES block {hex(base + cursor - (cursor % 16))}</span>
    </output>
  );
}
