import { type ReactNode, useId } from 'react';
import './panel.css';

interface Props {
  readonly title: ReactNode;
  /** To the right of the title: a count, a switch, a hint. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
  /** `card`: a bordered box on the stage. `section`: a heading and its contents in a column, without a box. */
  readonly kind?: 'card' | 'section';
  readonly level?: 2 | 3 | 4;
}

/** A titled part of the screen, found by its heading. */
export function Panel({ title, aside, children, className = '', kind = 'card', level = 3 }: Props) {
  const id = useId();
  const Heading = `h${level}` as const;
  return (
    <section className={`panel panel-${kind} ${className}`} aria-labelledby={id}>
      <header className="panel-head">
        <Heading className="panel-title" id={id}>
          {title}
        </Heading>
        {aside && <div className="panel-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}
