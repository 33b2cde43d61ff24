import { hex, LINE_SIZE, lineBase } from '../../../engine/core/address';
import { byteChar, byteHex } from '../../kit/hexRows';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Answered } from '../shared/Answered';

const BEFORE = 16;
const LENGTH = LINE_SIZE + 2 * BEFORE;
const COLUMNS = 8;

/** The DRAM around the address of the access, byte for byte, as a probe on the bus would see it. */
export function DramBox({ address, lit }: { readonly address: number | null; readonly lit: boolean }) {
  const line = address === null ? 0 : lineBase(address);
  const base = Math.max(0, line - BEFORE);
  const answer = useEngineQuery(`dram/${base}`, (api) => api.look({ eye: 'dram' }, base, LENGTH));
  return (
    <section className="box dram" data-place="dram" data-lit={lit} aria-label="DRAM, what a probe sees">
      <h3>
        DRAM <span>what a probe sees</span>
      </h3>
      <Answered answer={answer} what="the bytes on the DRAM">
        {(look) =>
          look.ok && (
            <ol className="dram-rows mono">
              {Array.from({ length: LENGTH / COLUMNS }, (_, row) => {
                const at = base + row * COLUMNS;
                const bytes = look.bytes.subarray(row * COLUMNS, (row + 1) * COLUMNS);
                return (
                  <li key={at} data-now={address !== null && lineBase(at) === line}>
                    <span className="faint">{hex(at)}</span>
                    <span>{Array.from(bytes, byteHex).join(' ')}</span>
                    <span className="dram-text">{Array.from(bytes, byteChar).join('')}</span>
                  </li>
                );
              })}
            </ol>
          )
        }
      </Answered>
    </section>
  );
}
