import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { DONE, type Outcome, ok, type Rule, refuse } from '../core/fault';
import { HOST_KEY, keyName, NO_KEY } from '../core/key';
import type { Look } from '../core/look';
import { WRITER_DEVICE } from '../core/page';
import type { Platform } from '../core/platform';
import { featuresOf } from '../cpu/cpuid';
import { HIDING_RULE, hiddenBytes, isHidden } from '../cpu/hiding';
import { memEncryption } from '../cpu/mode';
import { askForDevice, recordAsked, refusalOfRmp } from '../cpu/rmpGate';
import { walkNested } from '../cpu/walk';
import { dmaRead, dmaWrite, peekDma } from '../memory/bus';
import { isStop } from '../memory/pageTable';
import { reach } from '../memory/regions';
import { snpEnabled } from '../rmp/table';
import { tablesEncrypted } from '../xen/tables';

export const DMA_RULES = {
  noGuestKey: {
    id: 'device.no-guest-key',
    says: 'No device can use a guest’s key: its accesses are unencrypted, or use the host key where its translation carries C.',
    source: 'APM vol. 2 §15.34.5; Linux force_dma_unencrypted; cpu-and-rmp.md C.4',
    standing: 'published',
  },
  iommu: {
    id: 'device.iommu',
    says: 'A device given to a guest emits guest physical addresses, which the IOMMU translates with that guest’s tables.',
    source: 'AMD I/O Virtualization (IOMMU) specification #48882 §2.2; Xen xen/drivers/passthrough/amd',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/** Without an IOMMU translation the C-bit of the address that the device emits decides (cpu-and-rmp.md B). */
function hostAddress(p: Platform, address: number): { spa: number; key: number } {
  const c = memEncryption(p) ? 2 ** featuresOf(p.state).cBit : Number.POSITIVE_INFINITY;
  return Math.floor(address / c) % 2 === 1
    ? { spa: address - c, key: HOST_KEY }
    : { spa: address, key: NO_KEY };
}

/** Where a device's address ends and which key its transfer uses. `domain` null: the host's view, address = SPA. */
function resolve(
  p: Platform,
  domainId: number | null,
  address: number,
  op: 'read' | 'write',
): Outcome<{ spa: number; key: number; large: boolean }> {
  if (domainId === null) return ok({ ...hostAddress(p, address), large: false });
  const domain = p.state.need('domain', domainId);
  const view = {
    ...p.state.need('core'),
    domain: domainId,
    sev: false,
    asid: domain.asid,
    nestedCr3: domain.nestedRoot,
    nestedCr3C: tablesEncrypted(p),
  };
  const end = walkNested(p, view, address, []);
  if (isStop(end) || (op === 'write' && !end.writable)) {
    return refuse(
      DMA_RULES.iommu,
      'IO_PAGE_FAULT',
      `The IOMMU has no translation to ${op} 0x${address.toString(16)}.`,
      { address, domain: domain.name },
      'The address would have to be a mapped guest physical address.',
    );
  }
  const key = end.c && memEncryption(p) ? HOST_KEY : NO_KEY;
  return ok({ spa: end.address, key, large: end.size >= LARGE_PAGE_SIZE });
}

/** What the IOMMU asks the RMP while SNP is enabled; the firmware has then enabled it there, too. */
function rmpRefusal(
  p: Platform,
  address: number,
  { spa, large }: { readonly spa: number; readonly large: boolean },
  op: 'read' | 'write',
): Outcome<null> {
  if (!snpEnabled(p)) return DONE;
  const asked = askForDevice(p, op, { spa, gpa: address, c: false, large });
  recordAsked(p, asked);
  const fault = refusalOfRmp(asked, address);
  return fault ? p.trace.refused({ ok: false, fault }) : DONE;
}

/** One DMA transfer, page by page: a read of `length` bytes or a write of `bytes`. Answers with the bytes moved. */
export function dmaTransfer(
  p: Platform,
  domainId: number | null,
  address: number,
  what: { length: number } | { bytes: Uint8Array },
): Outcome<Uint8Array> {
  const bytes = 'bytes' in what ? what.bytes : null;
  const length = bytes?.length ?? ('length' in what ? what.length : 0);
  return p.trace.span(
    'device',
    'device',
    bytes ? 'DMA write' : 'DMA read',
    { address, length, guest: domainId },
    () => {
      const out = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const at = address + done;
        const take = Math.min(PAGE_SIZE - (at % PAGE_SIZE), length - done);
        const part = transferPage(p, domainId, at, bytes?.subarray(done, done + take) ?? null, take);
        if (!part.ok) return part;
        out.set(part.value, done);
        done += take;
      }
      return ok(out);
    },
    (moved) => ({ length: moved.length }),
  );
}

function transferPage(
  p: Platform,
  domainId: number | null,
  at: number,
  bytes: Uint8Array | null,
  length: number,
): Outcome<Uint8Array> {
  const found = resolve(p, domainId, at, bytes ? 'write' : 'read');
  if (!found.ok) return p.trace.refused(found);
  const { spa, key } = found.value;
  p.trace.fact(
    'bus',
    { address: at, spa, key: keyName(key), selector: key, direction: bytes ? 'write' : 'read' },
    DMA_RULES.noGuestKey,
  );
  const allowed = rmpRefusal(p, at, found.value, bytes ? 'write' : 'read');
  if (!allowed.ok) return allowed;
  const reached = reach(p, spa, length);
  if (!reached.ok) return p.trace.refused(reached);
  const record = {
    actor: 'device',
    principal: WRITER_DEVICE,
    address: at,
    gpa: domainId === null ? null : at,
    spa,
    length,
    key: keyName(key),
    private: false,
  };
  if (bytes) {
    dmaWrite(p, spa, bytes, key, WRITER_DEVICE);
    p.trace.fact('wrote', record, null, bytes);
    return ok(bytes);
  }
  const hidden = isHidden(p, spa, key);
  const read = hidden ? hiddenBytes(length) : dmaRead(p, spa, length, key);
  p.trace.fact('saw', hidden ? { ...record, hidden } : record, hidden ? HIDING_RULE : null, read);
  return ok(read);
}

/** What a DMA read would bring now. */
export function lookByDma(p: Platform, domainId: number | null, address: number, length: number): Look {
  const out = new Uint8Array(length);
  let key: number = NO_KEY;
  for (let done = 0; done < length; ) {
    const at = address + done;
    const take = Math.min(PAGE_SIZE - (at % PAGE_SIZE), length - done);
    const found = resolve(p, domainId, at, 'read');
    if (!found.ok) return found;
    const reached = reach(p, found.value.spa, take);
    if (!reached.ok) return reached;
    key = found.value.key;
    const { spa } = found.value;
    out.set(isHidden(p, spa, key) ? hiddenBytes(take) : peekDma(p, spa, take, key), done);
    done += take;
  }
  return { ok: true, bytes: out, key: keyName(key) };
}
