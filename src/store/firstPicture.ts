/** Nobody waits longer than this for a first picture that does not come, in milliseconds. */
const PATIENCE = 4000;

let drawn = false;
let seen: () => void = () => {};

/** Resolves when the machine's first picture is on the screen: what a visitor can do without until then waits for it. */
export const firstPicture = new Promise<void>((resolve) => {
  seen = resolve;
});

/** The picture has been drawn, and is shown with the next frame. */
export function pictureDrawn(): void {
  if (drawn) return;
  drawn = true;
  // `npm run bench` measures how long this takes after a navigation.
  performance.mark('sevscope:first-picture');
  requestAnimationFrame(() => setTimeout(seen));
}

/** From now on somebody waits for a picture. */
export function awaitPicture(): void {
  setTimeout(seen, PATIENCE);
}
