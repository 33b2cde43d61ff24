import { Check, Copy, Download, FolderOpen } from 'lucide-react';
import { useState } from 'react';
import { currentAddress } from '../../store/router';
import { pickFile } from '../files/pick';
import { Dialog } from '../kit/Dialog';
import { useStatus } from '../kit/stores';
import { downloadSession } from './download';
import './share.css';

/** This moment as a link, or as a file when it is too long for one. */
export default function ShareDialog({ onClose }: { readonly onClose: () => void }) {
  const link = useStatus((status) => status.link);
  return (
    <Dialog title="Share this moment" onClose={onClose}>
      <div className="dialog-part share">
        {link && 'hash' in link ? <Link /> : <TooLong characters={link?.tooLong ?? 0} />}
      </div>
      <footer className="dialog-foot">
        <button
          type="button"
          className="button"
          onClick={() => {
            onClose();
            pickFile();
          }}
        >
          <FolderOpen aria-hidden />
          Open a file
        </button>
        <button type="button" className="button" onClick={() => void downloadSession()}>
          <Download aria-hidden />
          Download the session
        </button>
      </footer>
    </Dialog>
  );
}

function Link() {
  const [copied, setCopied] = useState<'yes' | 'refused' | null>(null);
  const address = new URL(currentAddress(), location.href).href;
  const copy = () =>
    navigator.clipboard.writeText(address).then(
      () => setCopied('yes'),
      () => setCopied('refused'),
    );
  return (
    <>
      <p>Whoever opens it sees exactly what you see: the same machine, the same bytes, the same moment.</p>
      <div className="share-link">
        <input
          className="input mono"
          readOnly
          aria-label="Link"
          value={address}
          onFocus={(event) => event.target.select()}
        />
        <button type="button" className="button button-primary" onClick={() => void copy()}>
          {copied === 'yes' ? <Check aria-hidden /> : <Copy aria-hidden />}
          {copied === 'yes' ? 'Copied' : 'Copy'}
        </button>
      </div>
      <p className="field-help" role="status">
        {copied === 'yes' && 'The link is on the clipboard.'}
        {copied === 'refused' && 'The browser did not let us use the clipboard: select the link and copy it.'}
        {copied === null &&
          `${address.length} characters. Nothing is sent anywhere; the link itself holds the session.`}
      </p>
    </>
  );
}

function TooLong({ characters }: { readonly characters: number }) {
  return (
    <p>
      This session has grown too long for a link
      {characters > 0 && ` (${characters.toLocaleString('en')} characters)`}, because a link has to carry
      every action. Download it as a file; whoever drops that file here is where you are now. A reload in this
      browser loses nothing.
    </p>
  );
}
