import { useStore } from 'zustand';
import { noticesStore } from '../../store/notices';
import { Dialog } from '../kit/Dialog';
import { Empty } from '../kit/Waiting';
import { NoticeCard } from './Toasts';

/** The last things that were said, for whoever looked away. */
export default function NoticesDialog({ onClose }: { readonly onClose: () => void }) {
  const notices = useStore(noticesStore, (state) => state.notices);
  return (
    <Dialog title="What was said" onClose={onClose}>
      <div className="dialog-part scrolls notices-list">
        {notices.length === 0 && <Empty title="Nothing yet" />}
        {notices.map((notice) => (
          <NoticeCard key={notice.id} notice={notice} />
        ))}
      </div>
    </Dialog>
  );
}
