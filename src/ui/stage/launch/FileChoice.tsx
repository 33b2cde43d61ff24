import { X } from 'lucide-react';
import { changeLaunch } from '../../../store/launch';
import type { LaunchFileKind } from '../../../worker/protocol';
import { chooseLaunchFile } from './choose';

interface Props {
  readonly kind: LaunchFileKind;
  readonly title: string;
  /** What the button says. */
  readonly choose: string;
  readonly file: { readonly name: string; readonly length: number } | null;
  readonly removable?: boolean;
}

const sizeText = (length: number): string =>
  length < 4096
    ? `${length} bytes`
    : `${(length / 1024).toLocaleString('en', { maximumFractionDigits: 1 })} KiB`;

/** A file of the launch: which it is, and another one. */
export function FileChoice({ kind, title, choose, file, removable = false }: Props) {
  return (
    <div className="launch-file">
      <span className="field-label">{title}</span>
      {file && (
        <span className="launch-file-name">
          <span className="mono">{file.name}</span> <span className="faint">{sizeText(file.length)}</span>
        </span>
      )}
      <button type="button" className="button button-small" onClick={() => chooseLaunchFile(kind)}>
        {choose}
      </button>
      {file && removable && (
        <button
          type="button"
          className="button button-small button-quiet"
          aria-label={`Without ${file.name}`}
          onClick={() => void changeLaunch({ remove: kind })}
        >
          <X aria-hidden="true" />
        </button>
      )}
    </div>
  );
}
