import { Panel } from '../kit/Panel';
import { useEngine } from '../kit/stores';
import { Offers } from '../play/Offers';

/** What the person’s role can do at this moment, as forms; what is impossible says why. */
export function RoleMoves({ allowed }: { readonly allowed: readonly string[] }) {
  const vocabulary = useEngine((state) => state.vocabulary);
  return (
    <Panel kind="section" title="Your moves" className="play">
      <Offers>{(list) => list(vocabulary.filter(({ type }) => allowed.includes(type)))}</Offers>
    </Panel>
  );
}
