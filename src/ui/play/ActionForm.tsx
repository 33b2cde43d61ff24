import { useState } from 'react';
import type { ActionInfo, ActionOffer } from '../../engine/core/vocabulary';
import { perform } from '../../store/session';
import { Prose } from '../kit/Prose';
import { FieldInput } from './FieldInput';
import { actionOf, type Entries, shown } from './values';

interface Props {
  readonly info: ActionInfo;
  readonly offer: ActionOffer;
}

/** One action as a form. It follows the machine's suggestions until something is typed. */
export function ActionForm({ info, offer }: Props) {
  const [typed, setTyped] = useState<Entries>({});
  const [tried, setTried] = useState(false);
  const fields = info.fields.filter(({ kind }) => kind !== 'blob');
  const entries: Entries = Object.fromEntries(
    fields.map((field) => [field.name, typed[field.name] ?? shown(field, offer.suggested[field.name])]),
  );
  const { action, wrong } = actionOf(info.type, fields, entries);
  const { impossible } = offer;
  return (
    <form
      className="action-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (action && !impossible) void perform(action).then((done) => done && setTyped({}));
      }}
    >
      <p className="field-help">
        <Prose text={info.help} />
      </p>
      {impossible && (
        <div className="action-impossible">
          <p>{impossible.why}</p>
          <p className="field-help">
            {impossible.rule} <cite>{impossible.source}</cite>
          </p>
        </div>
      )}
      {fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          entry={entries[field.name] ?? ''}
          error={tried || typed[field.name] !== undefined ? wrong[field.name] : undefined}
          onChange={(entry) => setTyped({ ...typed, [field.name]: entry })}
        />
      ))}
      <button type="submit" className="button button-primary" disabled={impossible !== null}>
        {info.title}
      </button>
    </form>
  );
}
