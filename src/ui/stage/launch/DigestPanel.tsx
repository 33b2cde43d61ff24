import { Copy } from 'lucide-react';
import { useState } from 'react';
import { changeLaunch, showFrame } from '../../../store/launch';
import type { FilmView, FlipView, LaunchView } from '../../../worker/protocol';
import { FaultCard } from '../../kit/FaultCard';
import { Panel } from '../../kit/Panel';
import { hexOf } from './film';
import { TextField } from './LaunchForm';

interface Props {
  readonly view: LaunchView;
  readonly film: FilmView;
}

/** The launch digest, and what one other byte of firmware would make of it. */
export function DigestPanel({ view, film }: Props) {
  return (
    <Panel title="Launch digest" aside={<CopyButton digest={film.digest} />}>
      <p className="launch-digest mono">{film.digest}</p>
      <p className="faint">
        SHA-384, 48 bytes. An attestation report of this guest repeats it as MEASUREMENT.
      </p>
      <Flip flip={view.flip} length={view.files.image?.length ?? 0} digest={film.digest} />
    </Panel>
  );
}

function CopyButton({ digest }: { readonly digest: string }) {
  const [copied, setCopied] = useState<string | null>(null);
  const said =
    copied === digest ? 'Copied' : copied === null ? '' : 'Select it and copy it: the browser refused';
  return (
    <>
      <span role="status" className="faint">
        {copied === null || copied === digest || copied === 'refused' ? said : ''}
      </span>
      <button
        type="button"
        className="button button-small"
        onClick={() =>
          void navigator.clipboard.writeText(digest).then(
            () => setCopied(digest),
            () => setCopied('refused'),
          )
        }
      >
        <Copy aria-hidden="true" />
        Copy the digest
      </button>
    </>
  );
}

interface FlipProps {
  readonly flip: FlipView | null;
  readonly length: number;
  readonly digest: string;
}

const byte = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;

/** A number as it was typed, hexadecimal with 0x. NaN: none. */
const offsetOf = (text: string): number =>
  /^(0x[0-9a-f]+|\d+)$/i.test(text.trim()) ? Number(text) : Number.NaN;

function Flip({ flip, length, digest }: FlipProps) {
  const on = flip !== null;
  return (
    <div className="launch-flip">
      <label className="check">
        <input
          type="checkbox"
          role="switch"
          aria-checked={on}
          checked={on}
          onChange={() => void changeLaunch({ flip: on ? null : Math.floor(length / 2) })}
        />
        Invert one byte of the firmware
      </label>
      {flip && (
        <>
          <TextField
            label="Offset of the byte"
            value={hexOf(flip.offset)}
            onSet={(text) => void changeLaunch({ flip: offsetOf(text) })}
          />
          <div role="status">
            <Difference flip={flip} digest={digest} />
          </div>
        </>
      )}
    </div>
  );
}

function Difference({ flip, digest }: { readonly flip: FlipView; readonly digest: string }) {
  const { before, after, first, fault } = flip;
  const change = `${byte(before)} becomes ${byte(after)}`;
  if (fault)
    return (
      <>
        <p>{change}, and the image is not measured any more.</p>
        <FaultCard fault={fault} compact />
      </>
    );
  if (first === null) return <p>{change}, and no digest differs.</p>;
  return (
    <>
      <p>
        {change}. From{' '}
        <button type="button" className="button button-link" onClick={() => showFrame(first)}>
          frame {first + 1}
        </button>{' '}
        on every digest differs, to the last:
      </p>
      <p className="launch-digest mono" data-differs={flip.digest !== digest}>
        {flip.digest}
      </p>
    </>
  );
}
