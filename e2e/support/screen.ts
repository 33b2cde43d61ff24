import { deflateSync } from 'node:zlib';
import { expect, type Locator, type Page } from '@playwright/test';

/** How long a busy machine may take to show the first picture; how fast a quiet one is says `npm run bench`. */
const STARTED_MS = 30_000;

/** The parts of the frame, found as a person with a screen reader would. */
export class Screen {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get position(): Locator {
    return this.page.getByRole('slider', { name: 'Position in time' });
  }
  get notices(): Locator {
    return this.page.getByRole('region', { name: 'Notices' });
  }
  get script(): Locator {
    return this.page.getByRole('complementary', { name: 'Script and actions' });
  }
  /** The step done last. */
  get currentStep(): Locator {
    return this.script.locator('[aria-current="step"]');
  }

  async open(address = '/'): Promise<void> {
    await this.page.goto(address);
    await expect(this.position).toBeVisible({ timeout: STARTED_MS });
    await expect(this.position).toHaveAttribute('aria-valuetext', /change/, { timeout: STARTED_MS });
    await expect.poll(() => this.hash()).not.toBe('');
  }

  /** Where the cursor stands, as the slider says it. */
  async moment(): Promise<string> {
    return (await this.position.getAttribute('aria-valuetext')) ?? '';
  }

  /** Everything in the address from `#` on. */
  hash(): string {
    return new URL(this.page.url()).hash;
  }

  async next(): Promise<void> {
    const before = await this.moment();
    const address = this.hash();
    // A tab or a list that has the focus would keep the key for itself.
    await this.page.evaluate(
      () => document.activeElement instanceof HTMLElement && document.activeElement.blur(),
    );
    await this.page.keyboard.press('ArrowRight');
    await expect.poll(() => this.moment()).not.toBe(before);
    await expect.poll(() => this.hash()).not.toBe(address);
  }

  /** Drops a file of that many bytes that do not compress, made in the page. */
  async dropNoise(name: string, length: number): Promise<void> {
    await this.page.evaluate(
      ([name, length]) => {
        const bytes = new Uint8Array(length);
        for (let i = 0, noise = 1; i < length; i++) {
          noise = (noise * 48271) % 2147483647;
          bytes[i] = noise & 255;
        }
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], name));
        document.body.dispatchEvent(
          new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }),
        );
      },
      [name, length] as const,
    );
  }

  /** Drops a file on the middle of the window. */
  async drop(name: string, mimeType: string, bytes: Uint8Array): Promise<void> {
    await this.page.evaluate(
      ([name, type, data]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(data)], name, { type }));
        const target = document.elementFromPoint(innerWidth / 2, innerHeight / 2) ?? document.body;
        for (const event of ['dragenter', 'dragover', 'drop']) {
          target.dispatchEvent(
            new DragEvent(event, { dataTransfer: transfer, bubbles: true, cancelable: true }),
          );
        }
      },
      [name, mimeType, [...bytes]] as const,
    );
  }
}

/** A small picture with an outline that one would recognise: a filled circle. */
export function circlePng(side = 64): Uint8Array {
  const rows = new Uint8Array(side * (side * 3 + 1));
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const inside = Math.hypot(x - side / 2, y - side / 2) < side / 3;
      rows.fill(inside ? 230 : 20, y * (side * 3 + 1) + 1 + x * 3, y * (side * 3 + 1) + 4 + x * 3);
    }
  }
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, side);
  new DataView(header.buffer).setUint32(4, side);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array()),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc(body), body.length + 4);
  return framed;
}

function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}
