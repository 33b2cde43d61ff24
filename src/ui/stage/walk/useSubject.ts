import { useState } from 'react';
import type { GuestSummary, PageView } from '../../../worker/protocol';
import { useView } from '../../kit/stores';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { type Subject, startOf } from './WalkBar';

/** Somebody's virtual address of a page: the guest's before the hypervisor's, which maps everything. */
function subjectOf(page: PageView, guests: readonly GuestSummary[]): Subject | null {
  const named = page.mappings.filter(({ virtual }) => virtual !== null);
  const best = named.find(({ who }) => guests.some((guest) => guest.name === who)) ?? named[0];
  return best && best.virtual !== null ? { who: best.who, virtual: best.virtual } : null;
}

/** What the walk is about: what was asked for here, else the selected page, else the first thing of the first guest. */
export function useSubject(guests: readonly GuestSummary[]): readonly [Subject, (subject: Subject) => void] {
  const pfn = useView((view) => view.page);
  const [asked, setAsked] = useState<{ readonly pfn: number | null; readonly subject: Subject } | null>(null);
  const page = useEngineQuery(pfn === null ? null : `page/${pfn}`, (api) => api.page(pfn ?? 0)).value;
  const selected = page && page.pfn === pfn ? subjectOf(page, guests) : null;
  const subject =
    (asked?.pfn === pfn ? asked.subject : null) ?? selected ?? startOf(guests[0]?.name ?? 'xen', guests);
  return [subject, (next) => setAsked({ pfn, subject: next })];
}
