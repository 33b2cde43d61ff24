import type { AllocatorsView, AllocatorView } from '../../../worker/protocol';

const COUNTS = [
  ['vmruns', 'VMRUNs'],
  ['handedOut', 'ASIDs handed out'],
  ['generations', 'generations begun'],
  ['flushAll', 'whole TLB flushed'],
  ['flushAsid', 'one ASID flushed'],
] as const satisfies readonly (readonly [keyof AllocatorView, string])[];

/** Today’s allocator and the proposed one on the same events, number by number. */
export function Allocators({ allocators }: { readonly allocators: AllocatorsView }) {
  const { today, proposed, decides, cores, leaked } = allocators;
  const mark = (which: AllocatorsView['decides']) => (decides === which ? ' (this Xen’s)' : '');
  const vcpus = [...new Set([...today.vcpus, ...proposed.vcpus].map(({ vcpu }) => vcpu))];
  const shown = ({ vcpus: list }: AllocatorView, vcpu: string) => {
    const found = list.find((each) => each.vcpu === vcpu);
    return found ? `${found.asid || 'none yet'} · ${found.note}` : '–';
  };
  return (
    <>
      <table className="allocators">
        <caption className="visually-hidden">Both ASID allocators on the same events</caption>
        <thead>
          <tr>
            <th scope="col">counted</th>
            <th scope="col">today, one a CPU · upstream{mark('today')}</th>
            <th scope="col">one ASID a domain · RFC{mark('proposed')}</th>
          </tr>
        </thead>
        <tbody>
          {COUNTS.map(([key, words]) => (
            <tr key={key}>
              <th scope="row">{words}</th>
              <td className="mono">{today[key]}</td>
              <td className="mono">{proposed[key]}</td>
            </tr>
          ))}
          {vcpus.map((vcpu) => (
            <tr key={vcpu}>
              <th scope="row">{vcpu}</th>
              <td>{shown(today, vcpu)}</td>
              <td>{shown(proposed, vcpu)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="faint">
        Today’s generations by CPU:{' '}
        {cores.map(({ generation, next }, cpu) => `CPU ${cpu}: ${generation}, next ASID ${next}`).join(' · ')}
        .{leaked.length > 0 && ` Leaked for good: ${leaked.join(', ')}.`}
      </p>
    </>
  );
}
