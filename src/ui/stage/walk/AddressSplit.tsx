import { partBits, splitVirtual } from './virtualAddress';

/** A virtual address cut into the indices that its walk uses, bit by bit. */
export function AddressSplit({ virtual, pageSize }: { readonly virtual: number; readonly pageSize: number }) {
  return (
    <ol className="split" aria-label={`The bits of 0x${virtual.toString(16)}`}>
      {splitVirtual(virtual, pageSize).map((part) => (
        <li key={part.name} data-part={part.level ?? part.name}>
          <span className="split-name">{part.level === null ? part.name : `${part.name} index`}</span>
          <code className="split-bits">{partBits(part)}</code>
          <span className="split-value mono">
            {part.level === null ? `0x${part.value.toString(16)}` : part.value}
            <span className="faint">
              {' '}
              {part.high}:{part.low}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}
