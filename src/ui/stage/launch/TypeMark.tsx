import { TYPE_WORDS } from './film';

/** A page type: its colour and pattern, and its word. */
export function TypeMark({ type }: { readonly type: string }) {
  return (
    <span className="launch-type" title={TYPE_WORDS[type]}>
      <i className="launch-swatch" data-type={type} aria-hidden="true" />
      {type}
    </span>
  );
}
