import { Fragment } from 'react';
import { showFrame } from '../../../store/launch';
import type { FilmView, LaunchImageView } from '../../../worker/protocol';
import { cssVars } from '../../kit/cssVars';
import { Panel } from '../../kit/Panel';
import { hexOf, type Region, regionsOf, TYPE_WORDS } from './film';
import { ScrollBox } from './ScrollBox';
import { TypeMark } from './TypeMark';

const PAGE = 4096;

/** More regions than this are not drawn: an image has some ten. */
const MOST_REGIONS = 200;

interface Props {
  readonly image: LaunchImageView;
  readonly film: FilmView;
}

/** Where in guest-physical space each page goes, and what in the image says so. */
export function LayoutPanel({ image, film }: Props) {
  const types = [...new Set(film.runs.map(({ type }) => type))];
  return (
    <Panel title="Where the pages go" aside={<span className="faint">guest-physical, not to scale</span>}>
      <Space regions={regionsOf(film.runs).slice(0, MOST_REGIONS)} />
      <ul className="launch-legend" aria-label="Page types">
        {types.map((type) => (
          <li key={type}>
            <TypeMark type={type} /> <span className="faint">{TYPE_WORDS[type]}</span>
          </li>
        ))}
      </ul>
      <div className="launch-tables">
        <Sections image={image} />
        <Entries image={image} />
      </div>
    </Panel>
  );
}

function Space({ regions }: { readonly regions: readonly Region[] }) {
  return (
    <ol className="launch-space" aria-label="Guest-physical space">
      {regions.map(({ what, type, gpa, pages, from, times }, i) => {
        const before = regions[i - 1];
        const apart = before !== undefined && before.gpa + before.pages * PAGE !== gpa;
        return (
          <Fragment key={`${from}`}>
            {apart && (
              <li className="launch-gap" aria-hidden="true">
                ⋯
              </li>
            )}
            <li style={cssVars({ '--share': Math.log2(pages + 1) })}>
              <button
                type="button"
                className="launch-region"
                data-type={type}
                onClick={() => showFrame(from)}
              >
                <span className="launch-region-name">{times > 1 ? `${times} VMSAs` : what}</span>
                <span className="launch-region-type">
                  {type} · {pages === 1 ? '1 page' : `${pages.toLocaleString('en')} pages`}
                </span>
                <span className="mono">{hexOf(gpa)}</span>
              </button>
            </li>
          </Fragment>
        );
      })}
    </ol>
  );
}

function Sections({ image }: { readonly image: LaunchImageView }) {
  if (image.sections.length === 0)
    return <p className="faint">The image has no SEV metadata: only its pages and the VMSAs are measured.</p>;
  return (
    <ScrollBox label="SEV metadata">
      <table className="launch-table">
        <caption>SEV metadata of the image</caption>
        <thead>
          <tr>
            <th scope="col">Section</th>
            <th scope="col">at offset</th>
            <th scope="col">GPA</th>
            <th scope="col">Pages</th>
            <th scope="col">handed over as</th>
          </tr>
        </thead>
        <tbody>
          {image.sections.map(({ kind, offset, gpa, pages, type }) => (
            <tr key={offset}>
              <th scope="row">{kind}</th>
              <td className="mono">{hexOf(offset)}</td>
              <td className="mono">{hexOf(gpa)}</td>
              <td>{pages}</td>
              <td>{type && <TypeMark type={type} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function Entries({ image }: { readonly image: LaunchImageView }) {
  if (image.entries.length === 0) return <p className="faint">The image ends without a footer table.</p>;
  return (
    <ScrollBox label="Footer table">
      <table className="launch-table">
        <caption>Footer table of the image</caption>
        <thead>
          <tr>
            <th scope="col">Entry</th>
            <th scope="col">at offset</th>
            <th scope="col">Bytes</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {image.entries.map(({ guid, name, offset, length, value }) => (
            <tr key={offset}>
              <th scope="row">
                {name ?? 'not known here'}
                <span className="launch-guid mono">{guid}</span>
              </th>
              <td className="mono">{hexOf(offset)}</td>
              <td>{length}</td>
              <td className="mono launch-value">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
