import { PAGE_SIZE } from '../../../engine/core/address';
import { openTab, selectPage } from '../../../store/view';
import type { MailboxView } from '../../../worker/protocol';
import { byteHex } from '../../kit/hexRows';
import { ActionButton } from '../shared/ActionButton';
import { hexPadded } from '../shared/entry';

/** The registers through which commands go, where they lie, and the command buffer over the bytes that memory holds. */
export function Mailbox({ mailbox }: { readonly mailbox: MailboxView }) {
  const { registers, buffer, hung } = mailbox;
  return (
    <>
      <div className="registers-box">
        <table className="mailbox-table">
          <caption className="visually-hidden">The mailbox registers</caption>
          <thead>
            <tr>
              <th scope="col">Register</th>
              <th scope="col">MMIO address</th>
              <th scope="col">Value</th>
              <th scope="col">Bits</th>
            </tr>
          </thead>
          <tbody>
            {registers.map(({ name, address, value, bits }) => (
              <tr key={name}>
                <th scope="row" className="mono">
                  {name}
                </th>
                <td className="mono">{hexPadded(address, 8)}</td>
                <td className="mono">{hexPadded(value, 8)}</td>
                <td className="bit-fields">
                  {bits.map((each) => (
                    <span key={each.bits} className="bit-field">
                      <span className="faint mono">{each.bits}</span> {each.name} <code>{each.value}</code>
                    </span>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="stage-bar">
        {hung ? <ActionButton type="asp.wake" args={{}} /> : <ActionButton type="asp.hang" args={{}} />}
        <span className="faint">
          {hung
            ? 'The secure processor hangs: bit 31 of CmdResp stays clear.'
            : 'After a command the address registers hold a stack of error ids, not the address.'}
        </span>
      </p>
      {buffer ? (
        <Buffer buffer={buffer} />
      ) : (
        <p className="faint">No command with a buffer has come yet, or its buffer cannot be read.</p>
      )}
    </>
  );
}

function Buffer({ buffer }: { readonly buffer: NonNullable<MailboxView['buffer']> }) {
  const { command, address, encrypted, bytes, fields } = buffer;
  return (
    <section className="buffer" aria-label={`The command buffer of ${command}`}>
      <h4>
        Buffer of <code>{command}</code>
        <span className="faint">
          {' '}
          {bytes.length} bytes at SPA <PageLink address={address} />, {encrypted ? 'with' : 'without'} the
          C-bit
        </span>
      </h4>
      <div className="registers-box">
        <table className="mailbox-table">
          <caption className="visually-hidden">The fields of the command buffer</caption>
          <thead>
            <tr>
              <th scope="col">Offset</th>
              <th scope="col">Size</th>
              <th scope="col">Field</th>
              <th scope="col">Value</th>
              <th scope="col">Bytes in memory</th>
            </tr>
          </thead>
          <tbody>
            {fields.map(({ name, offset, size, meaning, value, passed, points }) => (
              <tr key={name} data-changed={passed !== null}>
                <td className="mono">{hexPadded(offset, 2)}</td>
                <td className="mono">{size}</td>
                <th scope="row" className="mono" title={meaning}>
                  {name}
                </th>
                <td className="mono">
                  {passed !== null && (
                    <>
                      <del>{passed}</del>{' '}
                    </>
                  )}
                  {points === null ? value : <PageLink address={points * PAGE_SIZE} text={value} />}
                </td>
                <td className="mono">
                  {Array.from(bytes.subarray(offset, offset + size), byteHex).join(' ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {fields.some(({ passed }) => passed !== null) && (
        <p className="faint">
          Crossed out: what the command was called with, where memory holds something else now.
        </p>
      )}
    </section>
  );
}

function PageLink({ address, text }: { readonly address: number; readonly text?: string }) {
  const shown = text ?? `0x${address.toString(16)}`;
  return (
    <button
      type="button"
      className="button button-link mono"
      aria-label={`${shown}: look at its page`}
      onClick={() => {
        selectPage(Math.floor(address / PAGE_SIZE), address % PAGE_SIZE);
        openTab('memory');
      }}
    >
      {shown}
    </button>
  );
}
