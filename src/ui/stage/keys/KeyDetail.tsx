import { BookOpen, LockKeyhole, ShieldAlert, ShieldCheck } from 'lucide-react';
import type { JsonObject } from '../../../engine/core/json';
import { perform } from '../../../store/session';
import { openTab, selectPage } from '../../../store/view';
import type { CertificateView, KeysView, KeyView } from '../../../worker/protocol';
import { byteHex } from '../../kit/hexRows';
import { Panel } from '../../kit/Panel';
import { ModelledBadge } from '../../kit/RuleNote';
import { hexPadded } from '../shared/entry';
import { written } from '../shared/names';

interface Props {
  readonly item: KeyView;
  readonly exportAction: JsonObject | null;
  readonly exported: KeysView['exported'];
}

/** One key: who made it, who can read it, what it protects, and the bytes that are no secret. */
export function KeyDetail({ item, exportAction, exported }: Props) {
  const { presence, certificate, withheld, open, pages, protectsGuest } = item;
  return (
    <Panel title={`${item.name} · ${item.long}`} aside={item.label && <code>{item.label}</code>}>
      <dl className="key-facts">
        <Fact name="Made by" value={item.madeBy} />
        <Fact name="Read by" value={item.readBy} />
        <Fact name="Protects" value={item.protects} />
        <Fact name="Now" value={item.where} />
      </dl>
      {protectsGuest && presence === 'present' && (
        <p className="stage-bar">
          <span>
            It is {written(protectsGuest)}’s.
            {pages && ` The memory controller has written ${pages.count.toLocaleString('en')} pages with it.`}
          </span>
          {pages && <ToPages first={pages.first} />}
        </p>
      )}
      {!protectsGuest && pages && (
        <p className="stage-bar">
          <span>The memory controller has written {pages.count.toLocaleString('en')} pages with it.</span>
          <ToPages first={pages.first} />
        </p>
      )}
      {presence === 'present' && (
        <p className="key-secret">
          <LockKeyhole size={14} aria-hidden="true" />
          {item.id === 'ark' || item.id === 'ask'
            ? 'Its private half never leaves AMD.'
            : item.id === 'memory' || item.id === 'host'
              ? 'Its bytes are inside the memory controller; no software can read them.'
              : 'Its secret bytes are inside the secure processor.'}
        </p>
      )}
      {withheld && (
        <p className="stage-bar">
          <span className="faint">{withheld}</span>
          {exportAction && (
            <button type="button" className="button button-small" onClick={() => void perform(exportAction)}>
              PDH_CERT_EXPORT
            </button>
          )}
        </p>
      )}
      {open.length > 0 && <OpenBytes open={open} />}
      {certificate && (
        <Certificate
          certificate={certificate}
          from={
            item.kind === 'root' && item.id !== 'cek'
              ? 'from AMD'
              : exported &&
                `as PDH_CERT_EXPORT wrote it to 0x${(item.id === 'pdh' ? exported.pdh : exported.chain).toString(16)}`
          }
        />
      )}
      <p className="rule-source">
        <BookOpen size={14} aria-hidden="true" />
        <cite>{item.source}</cite>
        {item.modelled && <ModelledBadge />}
      </p>
      {item.modelled && <p className="faint">{item.modelled}</p>}
    </Panel>
  );
}

const Fact = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

const ToPages = ({ first }: { readonly first: number }) => (
  <button
    type="button"
    className="button button-small"
    onClick={() => {
      selectPage(first);
      openTab('memory');
    }}
  >
    Look at the first
  </button>
);

const OpenBytes = ({ open }: { readonly open: KeyView['open'] }) => (
  <section aria-label="Public bytes of the session">
    <h4 className="overline">What the session buffer holds of it</h4>
    <dl className="key-open">
      {open.map(({ name, bytes, meaning }) => (
        <div key={name}>
          <dt>
            <code>{name}</code> <span className="faint">{meaning}</span>
          </dt>
          <dd className="mono">{Array.from(bytes, byteHex).join(' ')}</dd>
        </div>
      ))}
    </dl>
  </section>
);

const SHOWN = 24;

function Certificate({
  certificate,
  from,
}: {
  readonly certificate: CertificateView;
  readonly from: string | null;
}) {
  const { bytes, fields, signatures } = certificate;
  return (
    <section className="certificate" aria-label="The certificate">
      <h4>
        Certificate{' '}
        <span className="faint">
          {bytes.length} bytes{from && `, ${from}`}
        </span>
      </h4>
      <ul className="certificate-signatures">
        {signatures.map(({ by, verdict, valid }) => (
          <li key={by} data-valid={valid}>
            {valid ? (
              <ShieldCheck size={14} aria-hidden="true" />
            ) : (
              <ShieldAlert size={14} aria-hidden="true" />
            )}
            signed by {by}: {valid ? 'verifies' : verdict}
          </li>
        ))}
        {signatures.length === 0 && (
          <li className="faint">
            Nobody has signed it here: AMD’s service gives the same key out signed by the ASK.
          </li>
        )}
      </ul>
      <div className="certificate-box scrolls">
        <table>
          <caption className="visually-hidden">The fields of the certificate</caption>
          <thead>
            <tr>
              <th scope="col">Offset</th>
              <th scope="col">Size</th>
              <th scope="col">Field</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {fields.map(({ name, offset, size, value, meaning }) => (
              <tr key={name}>
                <td className="mono">{hexPadded(offset, 3)}</td>
                <td className="mono">{size}</td>
                <th scope="row" className="mono">
                  {name}
                </th>
                <td>
                  <code title={value}>
                    {value.length > 2 * SHOWN ? `${value.slice(0, 2 * SHOWN)}…` : value}
                  </code>{' '}
                  <span className="faint">{meaning}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
