import { byteHex, describeBytes } from '../kit/hexRows';

const SHOWN = 32;

/** The first bytes of a change. */
export function Bytes({ label, bytes }: { readonly label: string; readonly bytes: Uint8Array }) {
  return (
    <p className="bytes" title={describeBytes(bytes, 0, null)}>
      <span className="faint">{label}</span>{' '}
      <code>
        {Array.from(bytes.subarray(0, SHOWN), byteHex).join(' ')}
        {bytes.length > SHOWN ? ' …' : ''}
      </code>
    </p>
  );
}
