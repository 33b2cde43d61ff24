import { XEN_TREES, type XenTree } from '../../../engine/core/config';
import { openPlace } from '../../../store/session';
import type { StackView } from '../../../worker/protocol';
import { StatusMark, statusWord } from './StatusMark';
import { TREES } from './trees';

/** What would come of the same action on a Xen without the proposed pieces, and the way to try it. */
export function UpstreamNote({ view }: { readonly view: StackView }) {
  const proposed = view.calls.filter((call) => call.proposed).length;
  return (
    <div className="stack-note" role="note">
      <p>
        {view.xen === 'upstream' ? (
          'This machine runs today’s Xen, so every call that is drawn exists upstream.'
        ) : proposed === 0 ? (
          'Nothing in this action is proposed: today’s Xen would do the same.'
        ) : (
          <>
            {proposed} of {view.calls.length} calls are dimmed: upstream has neither them nor anything in
            their place. {consequence(view.type)}
          </>
        )}
      </p>
      <TreeChoice xen={view.xen} />
    </div>
  );
}

function consequence(type: string | null): string {
  if (type === 'xl.create')
    return 'xl there does not know the key that asks for encryption and passes over it without a word; Xen makes an ordinary guest, whose memory Domain-0 and Xen can read.';
  if (type === 'xl.destroy')
    return 'An ordinary guest dies without them: there is no handle to give up and no key to unload.';
  if (type === null) return 'Xen there leaves the secure processor alone; no guest can have a key.';
  return 'The rest of the path runs as it is drawn, for an ordinary guest.';
}

/** The same actions once more, on another Xen. */
function TreeChoice({ xen }: { readonly xen: XenTree }) {
  const again = (tree: XenTree) => openPlace({ kind: 'reconfigure', config: { xen: tree } });
  return (
    <div className="stack-trees">
      <StatusMark status={TREES[xen].status} />
      <label>
        Xen of this machine{' '}
        <select className="input" value={xen} onChange={({ target }) => again(target.value as XenTree)}>
          {XEN_TREES.map((tree) => (
            <option key={tree} value={tree}>
              {TREES[tree].name} ({statusWord(TREES[tree].status)})
            </option>
          ))}
        </select>
      </label>
      {xen !== 'upstream' && (
        <button type="button" className="button button-small" onClick={() => again('upstream')}>
          Do the same on today’s Xen
        </button>
      )}
    </div>
  );
}
