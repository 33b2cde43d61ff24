/// <reference lib="webworker" />
import { expose } from 'comlink';
import { createHost } from './engineHost';

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** A macrotask without the 4 ms that timers take. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}

expose(createHost({ now: () => performance.now(), pause }));
