import { X } from 'lucide-react';
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import './dialog.css';

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** `top`: near the top edge, for a palette that grows. `side`: a sheet at the edge of the window. */
  readonly place?: 'centre' | 'top' | 'side';
  readonly wide?: boolean;
}

/** A modal dialog: the browser's own, with its focus trap, Escape and inert page. Mounted means open. */
export function Dialog({ title, onClose, children, place = 'centre', wide = false }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  // A layout effect: its end comes while the dialog is still in the page, so that closing gives the focus back.
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    // Its name is read first; the first field is one Tab away, unless a part asks for the focus itself.
    dialog?.focus();
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click is one on the backdrop; Escape does the same
    <dialog
      ref={element}
      tabIndex={-1}
      className={`dialog dialog-${place} ${wide ? 'dialog-wide' : ''}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClose={({ currentTarget }) => {
        // Not when it was closed because it has left the page: another one may stand there by now.
        if (currentTarget.isConnected && !currentTarget.open) onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={id}>{title}</h2>
          <button
            type="button"
            className="button button-quiet button-icon"
            aria-label="Close"
            onClick={onClose}
          >
            <X aria-hidden />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
