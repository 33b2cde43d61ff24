import { refuse } from '../../core/fault';
import type { JsonObject } from '../../core/json';
import { IMAGE_RULES } from './rules';

/** A kernel with an image that would not check it. */
export const noKernelPlace = (inputs: JsonObject) =>
  refuse(
    IMAGE_RULES.hashes,
    'refused',
    'The image names no place for kernel hashes, so a kernel beside it would not be measured.',
    inputs,
    'With an image for direct boot (edk2 AmdSevX64), or without a kernel, it would be measured.',
  );

/** From the GUID of the table to the end of the image. */
const TABLE_DISTANCE = 48;

/** Encrypted registers with an image that was built without them. */
export const noResetBlock = (image: Uint8Array) =>
  refuse(
    IMAGE_RULES.reset,
    'refused',
    'The image has no SEV-ES reset block, so nobody knows where its further processors start.',
    { imageBytes: image.length, offset: Math.max(0, image.length - TABLE_DISTANCE) },
    'With an image built for SEV-ES, or for plain SEV, it would be measured.',
  );
