import { Check, History, OctagonAlert, ShieldX, TriangleAlert, X } from 'lucide-react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { dismiss, type Notice, noticesStore, shownNotices, type Tone } from '../../store/notices';
import './toasts.css';

const ICONS = {
  refused: TriangleAlert,
  fault: ShieldX,
  crash: OctagonAlert,
  done: Check,
  offer: History,
} as const;
const SAID: Readonly<Record<Tone, string>> = {
  refused: 'Refused',
  fault: 'Stopped by the machine',
  crash: 'Our mistake',
  done: 'Done',
  offer: 'Welcome back',
};

/** What was refused, and why, in the corner until dismissed. */
export default function Toasts() {
  const notices = useStore(noticesStore, useShallow(shownNotices));
  return (
    <section className="toasts" aria-label="Notices">
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} onDismiss={() => dismiss(notice.id)} />
      ))}
    </section>
  );
}

export function NoticeCard({
  notice,
  onDismiss,
}: {
  readonly notice: Notice;
  readonly onDismiss?: () => void;
}) {
  const Icon = ICONS[notice.tone];
  const { fault, offer } = notice;
  return (
    <article
      className={`notice notice-${notice.tone}`}
      role={notice.tone === 'done' || notice.tone === 'offer' ? 'status' : 'alert'}
    >
      <Icon aria-hidden className="notice-icon" />
      <div className="notice-text">
        <p className="overline">{SAID[notice.tone]}</p>
        <p className="notice-title">{notice.title}</p>
        <p>{notice.message}</p>
        {notice.where && <p className="notice-where mono">{notice.where}</p>}
        {fault && (
          <>
            <p>
              <strong>To get through:</strong> {fault.remedy}
            </p>
            <p className="notice-source">
              {fault.rule.source}
              {fault.rule.standing === 'modelled' && ' · modelled'}
            </p>
          </>
        )}
        {offer && (
          <button
            type="button"
            className="button button-small"
            onClick={() => {
              offer.perform();
              onDismiss?.();
            }}
          >
            {offer.label}
          </button>
        )}
      </div>
      {onDismiss && (
        <button
          type="button"
          className="button button-quiet button-icon button-small"
          aria-label="Dismiss"
          onClick={onDismiss}
        >
          <X aria-hidden />
        </button>
      )}
    </article>
  );
}
