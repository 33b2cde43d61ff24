import { ImageUp, Undo2 } from 'lucide-react';
import { forgetOwnPicture } from '../../store/intake';
import { pickFile } from '../files/pick';

/** The script loads a picture: the visitor's, if one was given. */
export function OwnPicture({ own }: { readonly own: string | null }) {
  return (
    <p className="own-picture">
      {own === null ? (
        <button type="button" className="button button-small" onClick={pickFile}>
          <ImageUp aria-hidden />
          Use your own picture
        </button>
      ) : (
        <>
          <span>
            With <b>{own}</b>
          </span>
          <button type="button" className="button button-small" onClick={() => void forgetOwnPicture()}>
            <Undo2 aria-hidden />
            Use the usual one
          </button>
        </>
      )}
    </p>
  );
}
