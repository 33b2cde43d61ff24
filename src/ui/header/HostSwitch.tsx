import { viewHost } from '../../store/session';
import { Segmented } from '../kit/Segmented';
import { useStatus } from '../kit/stores';

const HOSTS = [
  { value: 'a', title: 'Host A', hint: 'The machine on which everything is done' },
  { value: 'b', title: 'Host B', hint: 'The machine to which guests migrate: to look at' },
] as const;

/** Which of the two hosts the stage shows, once there are two. */
export function HostSwitch() {
  const host = useStatus((status) => status.host);
  const hosts = useStatus((status) => status.hosts);
  if (hosts !== 2 || host === null) return null;
  return <Segmented label="Host" value={host} options={HOSTS} onChange={(value) => void viewHost(value)} />;
}
