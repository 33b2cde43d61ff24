/** What the window is told of a measured launch; part of `protocol.ts`. */
import type { Fault, Rule } from '../engine/core/fault';

export type LaunchFileKind = 'image' | 'kernel' | 'initrd' | 'id-block' | 'id-auth';

/** What the hypervisor is told beside the files; numbers as they were typed. */
export interface LaunchSettings {
  readonly vcpus: number;
  /** A model’s name, or CPUID Fn0000_0001_EAX as a number. */
  readonly processor: string;
  readonly vmm: string;
  /** SEV_FEATURES. */
  readonly features: string;
  readonly append: string;
  /** The launch digest after the image’s pages, when only its end is here: 96 hexadecimal digits, or nothing. */
  readonly imageDigest: string;
  /** The guest’s policy, with which an ID block is compared. */
  readonly policy: string;
  /** AUTH_KEY_EN. */
  readonly authorKey: boolean;
}

export interface LaunchChange {
  /** What `bytes` are. */
  readonly put?: { readonly kind: LaunchFileKind; readonly name: string };
  /** They move to the worker; a large file is read there. */
  readonly bytes?: Uint8Array | Blob;
  readonly remove?: LaunchFileKind;
  /** Takes the image that comes with the simulator. */
  readonly example?: boolean;
  readonly settings?: Partial<LaunchSettings>;
  /** Offset of the byte of the image that is inverted; null: none. */
  readonly flip?: number | null;
}

/** The table at the end of an image, and its SEV metadata, where they lie. */
export interface LaunchImageView {
  readonly length: number;
  readonly entries: readonly {
    readonly guid: string;
    readonly name: string | null;
    readonly offset: number;
    readonly length: number;
    /** Hexadecimal, as the bytes lie. */
    readonly value: string;
  }[];
  readonly sections: readonly {
    readonly kind: string;
    readonly offset: number;
    readonly gpa: number;
    readonly pages: number;
    readonly type: string;
  }[];
}

/** Pages of one kind beside each other. Digests are hexadecimal. */
export interface FilmRun {
  readonly what: string;
  readonly type: string;
  readonly gpa: number;
  readonly pages: number;
  /** Number of its first frame. */
  readonly from: number;
  readonly before: string;
  readonly after: string;
}

export interface FilmView {
  /** Another film has another number. */
  readonly id: number;
  readonly frames: number;
  readonly runs: readonly FilmRun[];
  readonly digest: string;
}

/** What a byte of the image that is another does to the film. */
export interface FlipView {
  readonly offset: number;
  readonly before: number;
  readonly after: number;
  /** The first frame that differs; null: none does. */
  readonly first: number | null;
  /** Null: such an image is not measured. */
  readonly digest: string | null;
  readonly fault: Fault | null;
}

export interface IdBlockView {
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  /** Null: the page with keys and signatures, or the launch, is missing. */
  readonly verdict: {
    readonly status: string;
    readonly checks: readonly {
      readonly title: string;
      readonly passed: boolean;
      readonly detail: string;
      readonly rule: Rule;
    }[];
    readonly idKeyDigest: string | null;
    readonly authorKeyDigest: string | null;
  } | null;
}

export interface LaunchView {
  readonly files: Readonly<Record<LaunchFileKind, { readonly name: string; readonly length: number } | null>>;
  readonly settings: LaunchSettings;
  readonly processors: readonly string[];
  readonly vmms: readonly string[];
  readonly image: LaunchImageView | null;
  readonly film: FilmView | null;
  readonly flip: FlipView | null;
  readonly idBlock: IdBlockView | null;
}

/** A guest of the machine that started from an image. */
export interface LaunchedGuest {
  readonly name: string;
  /** The launch digest in its context, hexadecimal. */
  readonly digest: string;
  /** What the firmware knows of it: LAUNCH, RUNNING. */
  readonly state: string;
}

export interface LaunchOffer {
  /** Why what stands here cannot be launched on this machine now; null: it can. */
  readonly why: string | null;
  readonly guest: LaunchedGuest | null;
}

/** One step of PAGE_INFO. Digests are hexadecimal. */
export interface FilmFrame {
  readonly index: number;
  readonly what: string;
  readonly type: string;
  readonly gpa: number;
  readonly contents: string;
  readonly before: string;
  readonly after: string;
  /** The digest after it with the byte inverted, where that is another. */
  readonly other: string | null;
}

export interface FrameView extends FilmFrame {
  /** PAGE_INFO, 112 bytes, and what lies where in it. */
  readonly info: Uint8Array;
  readonly fields: readonly {
    readonly name: string;
    readonly offset: number;
    readonly size: number;
    readonly value: string;
    readonly means: string;
  }[];
  /** The page; null where the digest does not depend on its bytes. */
  readonly bytes: Uint8Array | null;
  /** Of the page in the image; null for a page that is not of it. */
  readonly imageOffset: number | null;
}
