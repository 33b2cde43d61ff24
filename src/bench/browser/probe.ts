/** Runs inside the real page, before the app does, and watches from there. Built on its own; see `rig.ts`. */

interface Sweep {
  readonly frames: number;
  readonly fps: number;
  readonly frameP95: number;
}

const FIRST_PICTURE = 'sevscope:first-picture';

/** Resolves when the picture that is being drawn now is on the screen. */
const painted = (): Promise<number> =>
  new Promise((done) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => done(performance.now());
      port2.postMessage(null);
    });
  });

const nextFrame = (): Promise<number> => new Promise((done) => requestAnimationFrame(done));

/** When the map was drawn for the first time, and when that was seen; milliseconds since the navigation began. */
const firstPicture = new Promise<{ drawn: number; seen: number; origin: number }>((done) => {
  new PerformanceObserver((list, observer) => {
    const [mark] = list.getEntriesByName(FIRST_PICTURE);
    if (!mark) return;
    observer.disconnect();
    const { timeOrigin: origin } = performance;
    void painted().then((seen) => done({ drawn: mark.startTime, seen, origin }));
  }).observe({ type: 'mark', buffered: true });
});

const tasks: number[] = [];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) tasks.push(duration);
}).observe({ type: 'longtask' });

/** Tasks of the main thread longer than 50 ms since the last call. */
const longTasks = (): number[] => tasks.splice(0);

let answered: Promise<number> = Promise.resolve(Number.NaN);

/** From the next Enter until the console's answer is on the screen; `answer` resolves with the milliseconds. */
function awaitAnswer(): void {
  answered = new Promise((done) => {
    const enter = ({ key, timeStamp }: KeyboardEvent): void => {
      if (key !== 'Enter') return;
      removeEventListener('keydown', enter, true);
      const log = document.querySelector('.console-log');
      const observer = new MutationObserver(() => {
        if (log?.lastElementChild?.classList.contains('console-typed')) return;
        observer.disconnect();
        void painted().then((seen) => done(seen - timeStamp));
      });
      if (log) observer.observe(log, { childList: true });
    };
    addEventListener('keydown', enter, true);
  });
}

const answer = (): Promise<number> => answered;

/** Zooms into the map and out again while dragging it about, a step a frame. */
async function sweep(frames: number): Promise<Sweep> {
  const canvas = document.querySelector<HTMLCanvasElement>('.map-canvas');
  if (!canvas) throw new Error('there is no map');
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const middle = { x: left + width / 2, y: top + height / 2 };
  const at = (x: number, y: number) =>
    ({ clientX: x, clientY: y, bubbles: true, cancelable: true, view: window }) as const;
  const intervals: number[] = [];
  let last = await nextFrame();
  for (let n = 0; n < frames; n++) {
    const deltaY = n < frames / 2 ? -40 : 40;
    const angle = (n / frames) * 4 * Math.PI;
    const from = at(middle.x, middle.y);
    canvas.dispatchEvent(new WheelEvent('wheel', { ...from, deltaY }));
    canvas.dispatchEvent(new MouseEvent('mousedown', from));
    const to = at(middle.x + Math.cos(angle) * 12, middle.y + Math.sin(angle) * 8);
    window.dispatchEvent(new MouseEvent('mousemove', to));
    window.dispatchEvent(new MouseEvent('mouseup', to));
    const now = await nextFrame();
    intervals.push(now - last);
    last = now;
  }
  const sum = intervals.reduce((total, ms) => total + ms, 0);
  const sorted = intervals.sort((a, b) => a - b);
  return { frames, fps: (1000 * frames) / sum, frameP95: sorted[Math.floor(frames * 0.95)] ?? 0 };
}

/** Drops a file of so many bytes onto the window. */
function drop(name: string, length: number): void {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 167) >>> 3;
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name));
  document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
}

const tools = { firstPicture: () => firstPicture, longTasks, awaitAnswer, answer, sweep, drop };

declare global {
  interface Window {
    probe: typeof tools;
  }
}

window.probe = tools;
