import { PAGE_SIZE } from '../../../engine/core/address';
import { openTab, selectPage } from '../../../store/view';

/** An SPA that leads to its byte in the Memory view. */
export function PageLink({ spa, name = 'SPA' }: { readonly spa: number; readonly name?: string }) {
  const shown = `0x${spa.toString(16)}`;
  return (
    <button
      type="button"
      className="button button-link mono"
      aria-label={`${name} ${shown}: look at its page`}
      onClick={() => {
        selectPage(Math.floor(spa / PAGE_SIZE), spa % PAGE_SIZE);
        openTab('memory');
      }}
    >
      {shown}
    </button>
  );
}
