import { Segmented } from '../../kit/Segmented';

const FACES = [
  { value: 'action', title: 'Calls of an action' },
  { value: 'enabling', title: 'What enabling takes' },
] as const;

export type Face = (typeof FACES)[number]['value'];

interface Props {
  readonly face: Face;
  readonly onFace: (face: Face) => void;
}

/** The two faces of this view. */
export const FaceChoice = ({ face, onFace }: Props) => (
  <Segmented className="small" label="What to show" value={face} options={FACES} onChange={onFace} />
);
