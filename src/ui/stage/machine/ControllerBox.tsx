import { KeyRound } from 'lucide-react';
import type { ChipView, GuestSummary } from '../../../worker/protocol';
import { ModelledBadge } from '../../kit/RuleNote';
import { keyOwner, keyWords, written } from '../shared/names';
import { hueStyle } from '../shared/OwnerName';
import type { Transfer } from './route';

interface Props {
  readonly chip: ChipView;
  readonly guests: readonly GuestSummary[];
  readonly transfer: Transfer | null;
  /** The key that the access was given, once one was chosen. */
  readonly selector: number | null;
  readonly lit: boolean;
}

const spaced = (digits: string): string => digits.replace(/(..)(?=.)/g, '$1 ');

/** The key slots, whose keys nobody can read, and the AES engine with the block that it last worked on. */
export function ControllerBox({ chip, guests, transfer, selector, lit }: Props) {
  const { encryption, slots } = chip;
  return (
    <section className="box controller" aria-label="Memory controller">
      <h3>Memory controller</h3>
      <div className="box-part" data-place="slots">
        <p className="box-label">key slots, chosen by ASID</p>
        <ul className="slots">
          {slots.map((slot) => {
            const owner = keyOwner(slot.selector, guests);
            return (
              <li
                key={slot.selector}
                className="hued"
                data-now={slot.selector === selector}
                style={hueStyle(owner, guests)}
              >
                <span className="mono">{slot.selector}</span> {owner ? written(owner) : slot.name}
                <span className="slot-dots" role="img" aria-label="a key that no software can read">
                  <KeyRound size={11} aria-hidden="true" /> ●●●●●●●●
                </span>
              </li>
            );
          })}
          {slots.length === 0 && <li className="faint">no key: memory encryption is off</li>}
        </ul>
      </div>
      <div className="aes" data-place="engine" data-lit={lit}>
        <h4>
          AES engine <span>{encryption.label}</span>
          {encryption.rule.standing === 'modelled' && <ModelledBadge />}
        </h4>
        {transfer ? (
          <Block transfer={transfer} owner={keyOwner(transfer.selector, guests)} guests={guests} />
        ) : (
          <p className="faint">Nothing has passed it in this access yet. {encryption.definition}</p>
        )}
      </div>
    </section>
  );
}

interface BlockProps {
  readonly transfer: Transfer;
  readonly owner: string | null;
  readonly guests: readonly GuestSummary[];
}

/** One 16-byte block on its way through the engine; upwards when it is read. */
function Block({ transfer, owner, guests }: BlockProps) {
  const { direction, selector, mode, tweak, plaintext, ciphertext } = transfer;
  const open = mode === 'none';
  return (
    <dl className="aes-block" data-direction={direction} style={hueStyle(owner, guests)}>
      <dt>{open ? 'data, as it is' : 'plaintext P'}</dt>
      <dd className="mono">{spaced(plaintext)}</dd>
      {!open && (
        <>
          {mode !== 'ecb' && (
            <>
              <dt>⊕ tweak T, from the address</dt>
              <dd className="mono aes-tweak">{spaced(tweak)}</dd>
            </>
          )}
          <dt>{direction === 'write' ? '↓ AES encrypts under' : '↑ AES decrypts under'}</dt>
          <dd className="aes-key hued">{keyWords(selector, guests)}</dd>
          <dt>
            {mode === 'ecb' || mode === 'xe-linear' ? '= ciphertext C' : '⊕ tweak again = ciphertext C'}
          </dt>
          <dd className="mono aes-cipher">{spaced(ciphertext)}</dd>
        </>
      )}
    </dl>
  );
}
