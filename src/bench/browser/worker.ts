/// <reference lib="webworker" />
import { type LaunchResult, measureLaunch } from '../work/launch';
import { measureSeek, type SeekResult } from '../work/seek';
import { measureXex, type XexResult } from '../work/xex';

const WORK = { seek: measureSeek, xex: () => measureXex('xex-linear'), launch: measureLaunch };

export type WorkName = keyof typeof WORK;
export type WorkResult = {
  readonly seek: SeekResult;
  readonly xex: XexResult;
  readonly launch: LaunchResult;
};

addEventListener('message', async ({ data }: MessageEvent<WorkName>) => postMessage(await WORK[data]()));
