import type { Look } from '../../../engine/core/look';
import type { EngineApi } from '../../../worker/protocol';
import { FaultCard } from '../../kit/FaultCard';
import { type HostView, hostEye } from './eyes';
import { stretches } from './frames';
import type { Picture } from './objects';
import { PixelCanvas } from './PixelCanvas';
import { pixelsOf } from './pixels';

/** One picture through three eyes, at one moment. */
export interface PictureView {
  readonly guest: Look;
  readonly host: Look;
  readonly dram: Look;
}

/** The hypervisor and a probe know no guest addresses: their picture is put together from where its pages really are. */
async function assemble(
  api: EngineApi,
  eye: ReturnType<typeof hostEye>,
  frames: readonly number[],
  { address, length }: Picture,
): Promise<Look> {
  const parts = stretches(frames, address, length);
  const looks = await Promise.all(parts.map((part) => api.look(eye, part.spa, part.length)));
  const bytes = new Uint8Array(length);
  let key = '';
  for (const [index, look] of looks.entries()) {
    if (!look.ok) return look;
    key = look.key;
    bytes.set(look.bytes, parts[index]?.at);
  }
  return { ok: true, bytes, key };
}

export async function askPicture(api: EngineApi, picture: Picture, view: HostView): Promise<PictureView> {
  const { guest: name, address, length } = picture;
  const seen = api.look({ eye: 'guest', guest: name, space: 'gva' }, address, length);
  const frames = await api.frames(name, address, length);
  const [guest, host, dram] = await Promise.all([
    seen,
    assemble(api, hostEye(view), frames, picture),
    assemble(api, { eye: 'dram' }, frames, picture),
  ]);
  return { guest, host, dram };
}

interface Props {
  readonly label: string;
  readonly picture: Picture;
  readonly look: Look;
  /** A foreign eye's picture is drawn opaque, or its noise would be half invisible. */
  readonly foreign: boolean;
}

/** A picture drawn from the bytes that one eye gets. */
export function PictureEye({ label, picture, look, foreign }: Props) {
  if (!look.ok) return <FaultCard fault={look.fault} />;
  const { width, height, name } = picture;
  return (
    <PixelCanvas
      pixels={pixelsOf(look.bytes, width, height, foreign)}
      width={width}
      height={height}
      label={`${name}, ${width} by ${height} pixels: ${label}`}
    />
  );
}
