import { hex } from '../../../engine/core/address';
import type { RmpView } from '../../../worker/protocol';
import { PageLink } from '../registers/PageLink';
import { sizeWords } from '../shared/names';

/** The table of segments: where the entries of each part of memory lie. */
export function Segments({ view }: { readonly view: RmpView }) {
  return (
    <table className="rmp-segments">
      <caption>
        The table of segments, behind the counters
        {view.segmentBits !== null && `: each speaks for ${sizeWords(2 ** view.segmentBits)}`}
      </caption>
      <thead>
        <tr>
          <th scope="col">Segment</th>
          <th scope="col">Memory from</th>
          <th scope="col">Covered</th>
          <th scope="col">Entries at</th>
        </tr>
      </thead>
      <tbody>
        {view.segments.map(({ index, from, covered, base }) => (
          <tr key={index}>
            <td>{index}</td>
            <td className="mono">{hex(from)}</td>
            <td>{sizeWords(covered)}</td>
            <td>
              <PageLink spa={base} name={`Entries of segment ${index} at SPA`} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
