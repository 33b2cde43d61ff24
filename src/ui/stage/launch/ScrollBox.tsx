import type { ReactNode } from 'react';

interface Props {
  readonly label: string;
  readonly className?: string;
  readonly children: ReactNode;
}

/** What may be wider than a small window, and then scrolls by itself. */
export function ScrollBox({ label, className = '', children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={`launch-scroll scrolls ${className}`} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
