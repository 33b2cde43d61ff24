import { useState } from 'react';
import { changeLaunch, putLaunchFile } from '../../../store/launch';
import type { IdBlockView, LaunchFileKind, LaunchView } from '../../../worker/protocol';
import { CheckLadder } from '../../kit/CheckLadder';
import { Panel } from '../../kit/Panel';
import { Prose } from '../../kit/Prose';
import { FileChoice } from './FileChoice';
import { TextField } from './LaunchForm';

/** What a guest’s owner expects of the launch, judged as SNP_LAUNCH_FINISH does. */
export function IdBlockPanel({ view }: { readonly view: LaunchView }) {
  const { files, settings, idBlock } = view;
  return (
    <Panel title="ID block">
      <p className="faint">
        <Prose text="An ID block is 96 bytes in which an owner names the launch digest that there must be; a page with keys and signatures goes with it. Both raw, in hexadecimal or in base64." />
      </p>
      <div className="launch-files">
        <FileChoice
          kind="id-block"
          title="ID block"
          choose="Choose an ID block…"
          file={files['id-block']}
          removable
        />
        <FileChoice
          kind="id-auth"
          title="ID authentication page"
          choose="Choose its page…"
          file={files['id-auth']}
          removable
        />
      </div>
      <div className="launch-settings">
        <Pasted kind="id-block" label="Paste an ID block" />
        <Pasted kind="id-auth" label="Paste its authentication page" />
        <TextField
          label="Guest policy"
          value={settings.policy}
          onSet={(policy) => void changeLaunch({ settings: { policy } })}
        />
        <label className="check">
          <input
            type="checkbox"
            checked={settings.authorKey}
            onChange={(event) => void changeLaunch({ settings: { authorKey: event.target.checked } })}
          />
          AUTH_KEY_EN: an author vouches for the ID key
        </label>
      </div>
      {idBlock && <Judged view={idBlock} />}
    </Panel>
  );
}

/** Text becomes a file when the field is left. */
function Pasted({ kind, label }: { readonly kind: LaunchFileKind; readonly label: string }) {
  const [text, setText] = useState('');
  const take = (): void => {
    if (text.trim() === '') return;
    void putLaunchFile(kind, 'pasted text', new TextEncoder().encode(text));
    setText('');
  };
  return (
    <label className="field">
      <span className="field-label">{label}</span>
      <textarea
        className="input mono"
        rows={2}
        value={text}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
      />
    </label>
  );
}

function Judged({ view }: { readonly view: IdBlockView }) {
  const { fields, verdict } = view;
  return (
    <>
      <table className="launch-table">
        <caption>Fields of the ID block</caption>
        <tbody>
          {fields.map(({ name, value }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="mono launch-value">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {verdict ? (
        <>
          <p className="launch-verdict" role="status" data-good={verdict.status === 'SUCCESS'}>
            {verdict.status === 'SUCCESS'
              ? 'The launch finishes: SUCCESS.'
              : `The launch does not finish: ${verdict.status}.`}
          </p>
          <CheckLadder checks={verdict.checks} label="What SNP_LAUNCH_FINISH tests" />
          {verdict.idKeyDigest && <Key name="ID key digest" digest={verdict.idKeyDigest} />}
          {verdict.authorKeyDigest && <Key name="Author key digest" digest={verdict.authorKeyDigest} />}
        </>
      ) : (
        <p>Its authentication page is missing, so nobody has signed it yet.</p>
      )}
    </>
  );
}

function Key({ name, digest }: { readonly name: string; readonly digest: string }) {
  return (
    <p>
      {name}: <span className="mono launch-value">{digest}</span>
    </p>
  );
}
