/**
 * What crosses between the worker and the window: types only. Everything is plain data; byte arrays are transferred.
 * The worker owns the machine; the window holds pictures of it, each stamped with the revision it belongs to.
 */
import type { Actor } from '../engine/core/actor';
import type { Generation, MachineConfig, Technology } from '../engine/core/config';
import type { Fault } from '../engine/core/fault';
import type { Json, JsonObject } from '../engine/core/json';
import type { LampName } from '../engine/core/lamps';
import type { Eye, Look } from '../engine/core/look';
import type { OmittedCheck } from '../engine/core/omissions';
import type { ActionInfo, ActionOffer, PerformedSummary } from '../engine/core/vocabulary';
import type { PageState } from '../engine/rmp/types';
import type { ScenarioCard } from '../scenario/cards';
import type { Pixels } from '../scenario/ownPicture';
import type { AimView, AttackCard, AttackView } from './attackProtocol';
import type { AsidView, ChipView, MatrixView } from './chipViews';
import type { EditorApi } from './editorProtocol';
import type { CommandLog, FirmwareView, KeysView, MailboxView } from './firmwareViews';
import type { FilmFrame, FrameView, LaunchChange, LaunchOffer, LaunchView } from './launchProtocol';
import type { PageView, WalkView } from './pageViews';
import type { AccessView, ChangeView, CompareView, SpanView, Timeline } from './recordViews';
import type {
  AssemblyView,
  ExitLog,
  ExitView,
  GhcbView,
  ProgramView,
  RegistersView,
  TraceView,
  VcpuChoice,
} from './registersProtocol';
import type {
  RmpAspect,
  RmpEntryView,
  RmpLadderView,
  RmpMachineView,
  RmpMomentView,
  RmpPageRun,
  RmpQuestion,
  RmpRowView,
  RmpView,
} from './rmpProtocol';
import type { SandboxApi, SandboxLevel } from './sandboxProtocol';
import type { ConfigFile, EnablingView, StackCallView, StackView, XlReading } from './stackProtocol';

export type * from './attackProtocol';
export type * from './chipViews';
export type * from './editorProtocol';
export type * from './firmwareViews';
export type * from './launchProtocol';
export type * from './pageViews';
export type * from './recordViews';
export type * from './registersProtocol';
export type * from './rmpProtocol';
export type * from './sandboxProtocol';
export type * from './stackProtocol';

/** Where a session starts: a built-in scenario at a step, a link, a file, or free play on a fresh machine. */
export type Place =
  /** What a plain visit sees: the first scenario of the library, before its first step. */
  | { readonly kind: 'usual' }
  /** Perhaps on another technology or generation than its own, with a switch of its attack, or without a check. */
  | {
      readonly kind: 'scenario';
      readonly id: string;
      readonly step: number;
      readonly technology?: Technology | undefined;
      readonly mitigation?: string | undefined;
      readonly generation?: Generation | undefined;
      readonly without?: OmittedCheck | undefined;
    }
  | { readonly kind: 'link'; readonly hash: string }
  | { readonly kind: 'file'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'machine'; readonly config: Partial<MachineConfig> }
  /** The open attack with one of its switches on; null: with none. */
  | { readonly kind: 'mitigation'; readonly mitigation: string | null }
  /** The open scenario with the visitor's picture in place of its own; null: with its own again. */
  | { readonly kind: 'picture'; readonly picture: (Pixels & { readonly name: string }) | null }
  /** A game against Alice, before its first move. */
  | { readonly kind: 'game'; readonly level: SandboxLevel }
  /** The same scenario or the same actions on another machine. */
  | { readonly kind: 'reconfigure'; readonly config: Partial<MachineConfig> };

/** A plain sentence about input that was refused, with the place of the error. Nothing was changed. */
export interface Refusal {
  readonly title: string;
  readonly message: string;
  /** File and position, where known: `cold-boot.yaml, line 12, column 3`. */
  readonly where: string | null;
}

export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

/** What stands after a change of the measured launch; with a refusal, what stood before it. */
export interface LaunchReply {
  readonly view: LaunchView;
  readonly refusal: Refusal | null;
}

/** Pushed at most once a frame, after anything moved. */
export interface Update {
  readonly revision: number;
  /** Pairs (page frame number, packed page word; see engine/core/page.ts). */
  readonly patch: Uint32Array;
  /** The patch is the whole picture (after opening or a far seek), not an addition. */
  readonly whole: boolean;
  readonly status: Status;
}

/** A property computed from the changes up to the cursor. */
export interface Lamp {
  readonly name: LampName;
  readonly violated: boolean;
  /** First violation at or before the cursor. */
  readonly evidence: { readonly change: number; readonly action: number; readonly sentence: string } | null;
}

export interface GuestSummary {
  readonly id: number;
  readonly name: string;
  readonly alive: boolean;
  readonly sev: boolean;
  readonly asid: number;
  readonly memory: number;
  readonly core: number;
  /** Things it has allocated, newest last. `address` is a GVA. */
  readonly objects: readonly {
    readonly name: string;
    readonly kind: string;
    readonly address: number;
    readonly length: number;
    readonly width?: number;
    readonly height?: number;
  }[];
}

/** The machine of the session, and the one to which guests migrate. */
export type Host = 'a' | 'b';

export interface Status {
  readonly config: MachineConfig;
  readonly pageCount: number;
  readonly regions: readonly {
    readonly base: number;
    readonly size: number;
    readonly kind: string;
    readonly name: string;
  }[];
  readonly cursor: number;
  readonly length: number;
  /** Changes 0 … bootEnd are the power-on. */
  readonly bootEnd: number;
  /** Index of the action that contains or ends at the cursor; -1 for the power-on. */
  readonly action: number;
  /** Grows with each changed list of actions; fetch `actions` when it differs. */
  readonly actionsRevision: number;
  readonly actionCount: number;
  /** The calls around the cursor, outermost first. */
  readonly spans: readonly SpanView[];
  readonly lamps: readonly Lamp[];
  readonly guests: readonly GuestSummary[];
  /** Which host is looked at, and how many are on. */
  readonly host: Host;
  readonly hosts: 1 | 2;
  readonly powered: boolean;
  readonly forked: boolean;
  /** The first change still kept in memory; earlier ones are replayed on demand. */
  readonly firstKept: number;
  readonly scenario: ScenarioProgress | null;
  /** The last outcome at the cursor, when the cursor is at the end of an action. */
  readonly outcome: { readonly result: Json; readonly fault: Fault | null } | null;
  /** The address of this exact state, from `#` on, or why it does not fit into a link. */
  readonly link: { readonly hash: string } | { readonly tooLong: number };
  /** Pages that the action at the cursor has touched so far (at most 4,096). */
  readonly hot: Uint32Array;
}

export interface ScenarioProgress {
  readonly id: string;
  readonly title: string;
  /** Steps done; 0 before the first. */
  readonly step: number;
  /** The visitor has left the script: own actions follow after it. */
  readonly strayed: boolean;
}

export type { ScenarioCard };

/** A scenario as the script column shows it. */
export interface ScenarioView {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly rows: readonly string[];
  readonly steps: readonly ScenarioStepView[];
  /** Null when the script loads no picture; `own`: the name of the visitor's picture, if it runs with one. */
  readonly picture: { readonly own: string | null } | null;
  /** What it says about itself when it is an attack from the literature. */
  readonly attack: AttackView | null;
}

export interface ScenarioStepView {
  readonly title: string;
  readonly narration: string;
  readonly actor: Actor;
  readonly who: string;
  /** Which stage tab shows it best, and which page or address to look at. */
  readonly view: { readonly tab?: string; readonly page?: number; readonly eye?: string } | null;
  readonly predict: PredictView | null;
  /** The only technologies that have this step, where this machine’s is none of them: nothing is done here. */
  readonly only: readonly Technology[] | null;
  readonly aim: AimView | null;
}

export interface PredictView {
  readonly ask: string;
  readonly options: readonly string[];
}

/** Which option came true, as the machine computed it after the step; null while the step has not been taken. */
export interface PredictAnswer {
  readonly right: number | null;
  readonly because: string;
}

export interface ConsoleReply {
  /** What appeared on Domain-0's terminal meanwhile, and what the simulator said beside it. */
  readonly printed?: readonly { readonly text: string; readonly aside: boolean }[];
  /** What to print, a line each. */
  readonly lines: readonly string[];
  readonly tone: 'plain' | 'refused' | 'fault';
}

export interface Completion {
  readonly from: number;
  readonly options: readonly { readonly text: string; readonly help: string }[];
}

export type Move =
  | { readonly to: 'change'; readonly change: number }
  | { readonly to: 'action'; readonly action: number; readonly edge: 'start' | 'end' }
  | { readonly to: 'step' | 'over'; readonly by: 1 | -1 }
  | { readonly to: 'into' | 'out' }
  /** To the beginning of a call by its number, and into it. */
  | { readonly to: 'call'; readonly id: number }
  | { readonly to: 'fault'; readonly by: 1 | -1 }
  /** Script steps: +1 performs the next step when it has not been performed yet. */
  | { readonly to: 'script'; readonly step: number };

/** Progress of long work, 0 … 1. */
export type OnProgress = (done: number, what: string) => void;

export interface Catalogue {
  readonly vocabulary: readonly ActionInfo[];
  readonly scenarios: readonly ScenarioCard[];
  readonly attacks: readonly AttackCard[];
}

/**
 * The worker's interface, called through Comlink. `connect` and `open` of the usual place are answered by what arrives with
 * the worker; everything else waits for the rest of it.
 */
export interface EngineApi extends EditorApi, SandboxApi {
  connect(onUpdate: (update: Update) => void): Promise<void>;
  open(place: Place): Promise<Reply<Status>>;
  /** Everything that actors can do, and the library: the same for all sessions. */
  catalogue(): Promise<Catalogue>;
  /** The script of the open scenario. */
  script(): Promise<ScenarioView | null>;
  answer(step: number): Promise<PredictAnswer>;
  perform(action: JsonObject): Promise<Reply<{ readonly result: Json; readonly fault: Fault | null }>>;
  /**
   * Puts a file into a guest's memory by that guest's own writes. `width` and `height` when the bytes are the pixels of a
   * picture, 4 bytes each. Can be cancelled with `cancel`; then nothing has happened.
   */
  load(
    file: {
      readonly name: string;
      readonly guest: string;
      readonly bytes: Uint8Array;
      readonly width?: number;
      readonly height?: number;
    },
    onProgress: OnProgress,
  ): Promise<Reply<{ readonly address: number }>>;
  cancel(): Promise<void>;
  move(move: Move): Promise<Reply<null>>;
  /** Looks at the other host; what is done is still done on the first. */
  viewHost(host: Host): Promise<Reply<null>>;
  fork(): Promise<Reply<null>>;
  returnToMain(): Promise<Reply<null>>;
  actions(from: number): Promise<readonly PerformedSummary[]>;
  offers(): Promise<readonly ActionOffer[]>;
  console(line: string): Promise<ConsoleReply>;
  complete(line: string, caret: number): Promise<Completion>;
  /** `length` up to 1 MiB. */
  look(eye: Eye, address: number, length: number): Promise<Look>;
  page(pfn: number): Promise<PageView>;
  walk(who: string, virtual: number): Promise<WalkView>;
  /** The SPA of each page that `[virtual, virtual + length)` of a guest touches, -1 where nothing is mapped. Up to 1 MiB. */
  frames(guest: string, virtual: number, length: number): Promise<readonly number[]>;
  /** `guest` true: a GVA of that guest for this SPA, or null. */
  addressOf(pfn: number, guest: string): Promise<number | null>;
  chip(): Promise<ChipView>;
  matrix(): Promise<MatrixView>;
  asids(): Promise<AsidView>;
  /** `handle`: the guest that the state machines are about; null: the one that the last command was about. */
  firmware(handle: number | null): Promise<FirmwareView>;
  commandLog(): Promise<CommandLog>;
  mailbox(): Promise<MailboxView>;
  keys(handle: number | null): Promise<KeysView>;
  /** The registers of the vCPUs that were chosen, or of those that are worth looking at; what the last action changed is marked. */
  registers(chosen: readonly VcpuChoice[]): Promise<RegistersView>;
  /** The exits of a vCPU in the whole record. */
  exits(choice: VcpuChoice): Promise<ExitLog>;
  /** One of them step by step; null when it is not kept. */
  exit(choice: VcpuChoice, id: number): Promise<ExitView | null>;
  /** The traces of guests’ runs that Xen keeps. */
  traces(): Promise<readonly TraceView[]>;
  ghcb(choice: VcpuChoice): Promise<GhcbView | null>;
  program(choice: VcpuChoice): Promise<ProgramView | null>;
  /** What a program would become; nothing is done. */
  assemble(text: string): Promise<AssemblyView>;
  /** Where the reverse map table lies; null while SNP is not enabled. */
  rmp(): Promise<RmpView | null>;
  /** Up to 512 pages from `first` on, by their entries. */
  rmpRows(first: number, count: number): Promise<readonly RmpRowView[]>;
  /** Pairs (pfn, number as `RmpAspect` says) of all pages that are not simply the hypervisor’s. */
  rmpPages(aspect: RmpAspect): Promise<Uint32Array>;
  /** The state machine of pages with the way that one page took; null while SNP is not enabled. */
  rmpMachine(pfn: number): Promise<RmpMachineView | null>;
  /** The first pages in a state, a few hundred runs of them. */
  rmpPagesIn(state: PageState): Promise<readonly RmpPageRun[]>;
  /** The change that last set what VMPLs may do with a page; null: none is kept. */
  rmpPermissionsSet(pfn: number): Promise<RmpMomentView | null>;
  /** The entry of one page bit by bit; null while SNP is not enabled. */
  rmpEntry(pfn: number): Promise<RmpEntryView | null>;
  /** The checks of an access that somebody could make now, or without a question those of the last one. */
  rmpLadder(question: RmpQuestion | null): Promise<RmpLadderView | null>;
  /** The calls of the action at the cursor, in the layers of the Xen stack. */
  stack(): Promise<StackView>;
  /** What changed between two changes: inside a call. */
  inside(from: number, to: number): Promise<StackCallView>;
  enabling(): Promise<EnablingView>;
  /** What this machine's xl would make of a configuration; nothing is done. */
  readXl(text: string): Promise<XlReading>;
  /** Domain-0's configuration files, those that were put there first. */
  configFiles(): Promise<readonly ConfigFile[]>;
  access(): Promise<AccessView | null>;
  changes(from: number, count: number): Promise<readonly ChangeView[]>;
  timeline(from: number, to: number, width: number): Promise<Timeline>;
  compare(a: number, b: number): Promise<CompareView>;
  /** Shannon entropy of what the DRAM holds, 0 … 255 for 0 … 8 bits a byte; pairs (pfn, value) of all written pages. */
  entropy(): Promise<Uint32Array>;
  digest(): Promise<string>;
  /** The launch that is measured beside the machine. */
  launch(): Promise<LaunchView>;
  /**
   * Hands over files, settings, or a byte to invert, and measures again. What cannot be measured is refused, and the launch
   * before it stands. A further change or `cancelLaunch` ends the work.
   */
  changeLaunch(change: LaunchChange, onProgress: OnProgress): Promise<LaunchReply>;
  cancelLaunch(): Promise<void>;
  /** The first 256 of these. */
  launchFrames(indices: readonly number[]): Promise<readonly FilmFrame[]>;
  launchFrame(index: number): Promise<FrameView | null>;
  /** Whether this machine can launch what stands there, and the guest that it launched last. */
  launchOffer(): Promise<LaunchOffer>;
  /** Puts the files into Domain-0 and lets xl create a guest from them. `cancel` takes the creation back. */
  launchGuest(onProgress: OnProgress): Promise<Reply<null>>;
  /** The session as a file: configuration, actions, position and dropped files. */
  save(): Promise<Blob>;
}
