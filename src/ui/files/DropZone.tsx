import { FileDown } from 'lucide-react';
import { Suspense, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { intakeStore } from '../../store/intake';
import { notify } from '../../store/notices';
import { later } from '../kit/later';
import { launchInFront } from './launchFile';
import { kindOf, takeFile, WHAT_HAPPENS } from './read';
import './files.css';

const ConfigDialog = later(() => import('./ConfigDialog'));
const ParcelDialog = later(() => import('./ParcelDialog'));

const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** While a file is held over the window only its type is known. */
function forecast(event: DragEvent): string {
  const items = [...(event.dataTransfer?.items ?? [])].filter(({ kind }) => kind === 'file');
  if (items.length > 1) return 'One file at a time, please: the first will be taken';
  const type = items[0]?.type ?? '';
  if (/yaml|json/.test(type)) return WHAT_HAPPENS.session;
  if (launchInFront() && !/^image/.test(type)) return 'It becomes part of the launch that is measured';
  if (type === '')
    return 'A scenario or session is opened, a guest’s .cfg goes to xl, firmware is measured; anything else goes into a guest’s memory';
  return WHAT_HAPPENS[kindOf('', type)];
}

/** The whole window takes files, and says beforehand what will happen to them. */
export default function DropZone() {
  const [held, setHeld] = useState<string | null>(null);
  const waiting = useStore(intakeStore, ({ parcel }) => parcel !== null);
  const configured = useStore(intakeStore, ({ config }) => config !== null);
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setHeld(forecast(event));
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setHeld(null);
    };
    const drop = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setHeld(null);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 1) {
        const message = `“${files[0]?.name}” was taken; drop the other ${files.length - 1} after it.`;
        notify({ tone: 'refused', title: 'One file at a time', message });
      }
      if (files[0]) void takeFile(files[0]);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, []);
  return (
    <>
      {held && (
        <div className="drop-zone">
          <div className="drop-card">
            <FileDown aria-hidden />
            <p className="drop-title">Drop it anywhere</p>
            <p>{held}.</p>
          </div>
        </div>
      )}
      {configured && (
        <Suspense fallback={null}>
          <ConfigDialog />
        </Suspense>
      )}
      {waiting && (
        <Suspense fallback={null}>
          <ParcelDialog />
        </Suspense>
      )}
    </>
  );
}
