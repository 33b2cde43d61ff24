import type { ReactNode } from 'react';
import {
  Autocomplete,
  Collection,
  Header,
  Input,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  SearchField,
} from 'react-aria-components';
import './palette.css';

export interface Found {
  readonly id: string;
  /** What a screen reader says and typing ahead finds. */
  readonly text: string;
  readonly content: ReactNode;
  readonly disabled?: boolean;
}

export interface FoundGroup {
  readonly title: string;
  readonly items: readonly Found[];
}

interface Props {
  readonly label: string;
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly groups: readonly FoundGroup[];
  readonly onChoose: (id: string) => void;
  readonly nothing: string;
}

/** A field to search with and a list to choose from, in one: the arrow keys move in the list while typing goes on. */
export function SearchList({ label, query, onQuery, groups, onChoose, nothing }: Props) {
  return (
    <Autocomplete inputValue={query} onInputChange={onQuery}>
      <SearchField aria-label={label} autoFocus className="search-field">
        <Input className="input" placeholder={label} spellCheck={false} role="combobox" aria-expanded />
      </SearchField>
      <ListBox
        aria-label={label}
        className="search-list scrolls"
        selectionMode="none"
        disabledKeys={groups.flatMap(({ items }) =>
          items.filter(({ disabled }) => disabled).map(({ id }) => id),
        )}
        onAction={(key) => onChoose(String(key))}
        renderEmptyState={() => <p className="search-nothing">{nothing}</p>}
      >
        {groups
          .filter(({ items }) => items.length > 0)
          .map(({ title, items }) => (
            <ListBoxSection key={title} id={`group-${title}`}>
              <Header className="overline search-group">{title}</Header>
              <Collection items={items}>
                {({ id, text, content }) => (
                  <ListBoxItem id={id} textValue={text} className="search-item">
                    {content}
                  </ListBoxItem>
                )}
              </Collection>
            </ListBoxSection>
          ))}
      </ListBox>
    </Autocomplete>
  );
}
