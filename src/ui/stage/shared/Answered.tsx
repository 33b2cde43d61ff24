import type { ReactNode } from 'react';
import type { Answer } from '../../../store/query';
import { Empty, Waiting } from '../../kit/Waiting';

interface Props<T> {
  readonly answer: Answer<T>;
  /** What is asked for, in words: `the key slots`. */
  readonly what: string;
  readonly children: (value: T) => ReactNode;
}

/** Draws the answer to a question once there is one; until then says that it is on its way, or why it is not. */
export function Answered<T>({ answer, what, children }: Props<T>) {
  if (answer.value !== null) return <>{children(answer.value)}</>;
  if (answer.failed === null) return <Waiting what={`Asking the machine for ${what}`} />;
  return (
    <div role="alert">
      <Empty title={`The machine could not tell ${what}`}>
        <p>{answer.failed}</p>
      </Empty>
    </div>
  );
}
