import type { AsidState, AsidBooks as Books } from '../../../worker/protocol';

/** The state in one sign, so that a row can be read without colour. */
const SIGN: Readonly<Record<AsidState, string>> = {
  dirty: '◆',
  clean: '○',
  allocated: '◐',
  'in use': '●',
};

/** What the secure processor notes of each ASID on each core complex, and which threads have written their caches back. */
export function AsidBooks({ books }: { readonly books: Books }) {
  const complexes = books.others.map((_, complex) => complex);
  return (
    <table className="books">
      <caption className="visually-hidden">
        The firmware’s books: the state of each ASID by core complex
      </caption>
      <thead>
        <tr>
          <th scope="col">ASID</th>
          {complexes.map((complex) => (
            <th scope="col" key={complex}>
              complex {complex}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {books.asids.map(({ asid, states }) => (
          <StateRow key={asid} name={String(asid)} states={states} />
        ))}
        <StateRow name="all others" states={books.others} />
        <tr>
          <th scope="row">WBINVD done</th>
          <td colSpan={complexes.length}>
            {books.writtenBack.map((done, thread) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a thread is its number
              <span key={thread} className="books-thread" data-done={done}>
                {thread} {done ? 'yes' : 'no'}
              </span>
            ))}
          </td>
        </tr>
      </tbody>
    </table>
  );
}

function StateRow({ name, states }: { readonly name: string; readonly states: readonly AsidState[] }) {
  return (
    <tr>
      <th scope="row" className="mono">
        {name}
      </th>
      {states.map((state, complex) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a complex is its number
        <td key={complex} data-state={state}>
          <span aria-hidden="true">{SIGN[state]}</span> {state}
        </td>
      ))}
    </tr>
  );
}
