import { TriangleAlert } from 'lucide-react';
import { useRef, useState } from 'react';
import { hex, LINE_SIZE, pfnOf } from '../../../engine/core/address';
import { HOST_KEY } from '../../../engine/core/key';
import { openTab, selectPage } from '../../../store/view';
import type { GuestSummary } from '../../../worker/protocol';
import { HexBytes } from '../../kit/HexBytes';
import { useHexLayout } from '../../kit/hexLayout';
import { Panel } from '../../kit/Panel';
import { useScrollSync } from '../../kit/scrollSync';
import { ActionButton } from '../shared/ActionButton';
import { keyWords } from '../shared/names';
import type { MarkedLine } from './lines';

interface Props {
  readonly marked: MarkedLine;
  readonly guests: readonly GuestSummary[];
  readonly coherent: boolean;
}

/** One line in full: all 64 bytes of plaintext, the other views of its address, and how to get rid of it. */
export function LineDetail({ marked, guests, coherent }: Props) {
  const { line, otherViews } = marked;
  const box = useRef<HTMLDivElement>(null);
  const layout = useHexLayout(box);
  const sync = useScrollSync();
  const [cursor, setCursor] = useState<number | null>(null);
  const guestTagged = line.key > HOST_KEY;
  return (
    <Panel
      title={`Line ${hex(line.address)} · ${keyWords(line.key, guests)}`}
      aside={line.dirty ? 'dirty' : 'clean'}
    >
      <div ref={box} className="line-hex mono">
        <HexBytes
          label={`The 64 bytes of the line at ${hex(line.address)}`}
          bytes={line.data}
          base={line.address}
          layout={layout}
          format="hex"
          changed={null}
          cursor={cursor}
          onCursor={setCursor}
          sync={sync}
        />
      </div>
      {otherViews.map((other) => (
        <p key={`${other.complex}/${other.key}`} className="line-warning">
          <TriangleAlert size={14} aria-hidden="true" />
          Cache {other.complex} holds the same address under {keyWords(other.key, guests)}
          {other.dirty ? ', dirty' : ''}.{' '}
          {coherent
            ? 'Hardware keeps the two apart in time.'
            : 'Neither knows of the other: whichever is written back last wins in the DRAM.'}
        </p>
      ))}
      <p className="stage-bar">
        <ActionButton
          type="cpu.clflush"
          args={{ at: line.address, length: LINE_SIZE, c: line.key === HOST_KEY }}
        >
          CLFLUSH
        </ActionButton>
        {guestTagged && <ActionButton type="cpu.vmpage-flush" args={{ at: line.address, asid: line.key }} />}
        <button
          type="button"
          className="button button-small"
          onClick={() => {
            selectPage(pfnOf(line.address), line.address % 4096);
            openTab('memory');
          }}
        >
          Look at its page
        </button>
      </p>
      {guestTagged && !coherent && (
        <p className="faint">
          A host CLFLUSH does not reach lines tagged with a guest’s ASID on this generation.
        </p>
      )}
    </Panel>
  );
}
