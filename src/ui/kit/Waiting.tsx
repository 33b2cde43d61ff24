import { type ReactNode, useEffect, useState } from 'react';
import './waiting.css';

/** The designed look of "not yet": calm, and only after a moment, so that quick work does not flash. */
export function Waiting({ what }: { readonly what: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="waiting" role="status">
      {late && (
        <>
          <span className="waiting-bar" aria-hidden />
          <span>{what}</span>
        </>
      )}
    </div>
  );
}

/** The designed look of "nothing here", with what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}
