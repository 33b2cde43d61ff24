import { useEffect, useRef, useState } from 'react';
import type { FlipView, FrameView } from '../../../worker/protocol';
import { HexBytes } from '../../kit/HexBytes';
import { useHexLayout } from '../../kit/hexLayout';
import { Prose } from '../../kit/Prose';
import { useScrollSync } from '../../kit/scrollSync';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Waiting } from '../../kit/Waiting';
import { hexOf, TYPE_WORDS } from './film';
import { PageInfo } from './PageInfo';
import { TypeMark } from './TypeMark';

const PAGE = 4096;

interface Props {
  readonly index: number;
  readonly filmKey: string;
  readonly flip: FlipView | null;
}

/** The frame in front: the 112 bytes that are hashed for its page, and the page itself. */
export function FrameDetail({ index, filmKey, flip }: Props) {
  const { value } = useEngineQuery(
    `launch frame ${filmKey} ${index}`,
    async (api) => ({ frame: await api.launchFrame(index) }),
    () => 0,
  );
  if (!value?.frame) return <Waiting what="Asking for the frame" />;
  const { frame } = value;
  return (
    <div className="frame-detail">
      <section className="frame-part" aria-label={`Frame ${frame.index + 1}: PAGE_INFO`}>
        <h4>
          Frame {frame.index + 1}: {frame.what} <TypeMark type={frame.type} />
        </h4>
        <p className="faint">
          <Prose text="The launch digest after this page is SHA-384 of its PAGE_INFO, which begins with the digest before: so no page can be left out, added or moved." />
        </p>
        <PageInfo frame={frame} />
        <After frame={frame} />
      </section>
      <Page frame={frame} flip={flip} />
    </div>
  );
}

function After({ frame }: { readonly frame: FrameView }) {
  return (
    <dl className="frame-after">
      <div>
        <dt>Launch digest after this page</dt>
        <dd className="mono">{frame.after}</dd>
      </div>
      {frame.other && (
        <div data-other="true">
          <dt>≠ with the byte inverted</dt>
          <dd className="mono">{frame.other}</dd>
        </div>
      )}
    </dl>
  );
}

/** The byte that is inverted, if it lies in this page. */
function flippedIn({ imageOffset }: FrameView, flip: FlipView | null): number | null {
  if (imageOffset === null || !flip) return null;
  const at = flip.offset - imageOffset;
  return at >= 0 && at < PAGE ? at : null;
}

function Page({ frame, flip }: { readonly frame: FrameView; readonly flip: FlipView | null }) {
  const { bytes, gpa, imageOffset, type } = frame;
  const box = useRef<HTMLDivElement>(null);
  const layout = useHexLayout(box);
  const sync = useScrollSync();
  const [cursor, setCursor] = useState<number | null>(null);
  const flipped = flippedIn(frame, flip);
  useEffect(() => setCursor(flipped), [flipped]);
  const changed =
    flipped === null || !bytes ? null : Uint8Array.from(bytes, (_, i) => (i === flipped ? 1 : 0));
  return (
    <section className="frame-part" aria-label={`Frame ${frame.index + 1}: the page`}>
      <h4>
        <span>
          The page at GPA <span className="mono">{hexOf(gpa)}</span>
          {imageOffset !== null && (
            <>
              , image offset <span className="mono">{hexOf(imageOffset)}</span>
            </>
          )}
        </span>
      </h4>
      {flipped !== null && (
        <p className="frame-flipped">
          The byte at <span className="mono">{hexOf(flipped)}</span> of this page is the one that is inverted.
        </p>
      )}
      <div className="frame-bytes" ref={box}>
        {bytes ? (
          <HexBytes
            label={`Bytes of the page at GPA ${hexOf(gpa)}`}
            bytes={bytes}
            base={gpa}
            layout={layout}
            format="hex"
            changed={changed}
            cursor={cursor}
            onCursor={setCursor}
            sync={sync}
          />
        ) : (
          <p className="faint">{TYPE_WORDS[type]} So CONTENTS is zero.</p>
        )}
      </div>
    </section>
  );
}
