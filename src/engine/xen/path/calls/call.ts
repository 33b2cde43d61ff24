import type { Status } from '../../../core/status';
import { BASELINE, type LayerId } from '../layers';

/** A function on the way from `xl` to the firmware, or a step of it that the source gives no name. */
export interface Call {
  readonly layer: LayerId;
  readonly file: string;
  readonly status: Status;
  readonly source: string;
  /** A few words on what it does, or why it matters here. */
  readonly note?: string;
  /** Firmware commands that it submits, in their order. */
  readonly aspCommands?: readonly string[];
  /** Errors with which it refuses. */
  readonly refuses?: readonly string[];
  /** Runs for SNP guests in place of this one. */
  readonly alternativeTo?: string;
}

type More = Omit<Call, 'layer' | 'file' | 'status' | 'source'>;

export const call = (
  layer: LayerId,
  file: string,
  status: Status,
  source: string,
  more: More = {},
): Call => ({
  layer,
  file,
  status,
  source,
  ...more,
});

/** In the tree that everything here was compared with. */
export const upstream = (layer: LayerId, file: string, more?: More): Call =>
  call(layer, file, 'upstream', `${BASELINE}: ${file}`, more);

const DRIVER_RFC =
  'xen-devel, "[PATCH v1 0/2] Starting AMD SEV work", 2024-04-10; reposted as patch 8 of the 2025-05-16 series';

/** The ASP driver of Andrei Semenov. */
export const driverRfc = (layer: LayerId, file: string, more?: More): Call =>
  call(layer, file, 'rfc', DRIVER_RFC, more);

const COCO_RFC = 'xen-devel, "[RFC PATCH 00/16] Confidential computing and AMD SEV support", 2025-05-16';

/** The series of Teddy Astie. */
export const cocoRfc = (layer: LayerId, file: string, more?: More): Call =>
  call(layer, file, 'rfc', COCO_RFC, more);

/** The later development branch, never posted. */
export const branch = (layer: LayerId, file: string, more?: More): Call =>
  call(layer, file, 'branch', 'xcp-ng/xen c5c3939fa6 / ec8fcc8e10', more);
