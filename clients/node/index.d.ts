/** How polylink is started. */
export interface StartOptions {
  /** Path of the binary; POLYLINK_BIN, and then the platform's package, where it is left out. */
  bin?: string
  /** host:port to listen on; a free port of 127.0.0.1 where it is left out. */
  addr?: string
  /** A config.yaml. That of the current folder is not read. */
  config?: string
  /** Folder of mapping files instead of the built-in ones. */
  mappings?: string
  /** Folder of fixtures instead of the built-in ones. */
  fixtures?: string
  /** Folder of scenarios beside the built-in ones. */
  scenarios?: string
  /** false has each request in log(). */
  quiet?: boolean
  /** Further arguments of `polylink serve`. */
  args?: string[]
  /** Further variables of its environment. */
  env?: Record<string, string | undefined>
  /** The token of the control API, where the configuration has one. */
  token?: string
  /** Milliseconds until it must be ready; 20000 where it is left out. */
  timeout?: number
}

/** Starts a polylink of its own on free ports, and resolves when it is ready. It ends with stop, and at the latest with this process. */
export function start(options?: StartOptions): Promise<OwnServer>

/** Uses a polylink that runs already: at POLYLINK_URL or http://127.0.0.1:12121 where no address is given. */
export function connect(url?: string, options?: { ports?: Record<string, string>; token?: string }): Promise<Server>

/** Where a dialect answers without a path in front, as many SDKs take it. */
export interface Address {
  host: string
  port: number
  protocol: 'http' | 'https'
}

/** A polylink that answers at an address. */
export interface Server {
  readonly url: string
  readonly dialects: readonly string[]
  /** A port of its own for each dialect: base URLs by dialect. */
  readonly ports: Readonly<Record<string, string>>
  /** A new sandbox, or that of a name: 1 to 40 of a-z, 0-9 and -. */
  sandbox(name?: string): Promise<Sandbox>
  /** The base URL of a dialect in the default sandbox, for use with Sandbox.key. */
  dialect(name: string): string
  /** Host, port and protocol of a dialect, for SDKs that take these and no path; for use with Sandbox.key. */
  address(name: string): Address
  /** Ends what start began; what connect found goes on. */
  stop(): Promise<void>
}

/** A polylink that start has started. */
export interface OwnServer extends Server {
  readonly pid: number
  /** What it has written to its log, the last 64 KiB. */
  log(): string
}

/** An isolated world: records, clock, limits, keys, faults and journal of its own. */
export interface Sandbox {
  readonly name: string
  /** Base of everything in it. */
  readonly url: string
  /** The base URL of a dialect in it, in place of the provider's. */
  dialect(name: string): string
  /** An API key that leads to it, where only the key can be set. */
  key(key: string): string
  /** Back to the fixtures, with a fresh clock and journal. */
  reset(): Promise<void>
  /** Another sandbox that begins as this one is now. */
  fork(name?: string): Promise<Sandbox>
  snapshot(): Promise<Snapshot>
  restore(snapshot: Snapshot): Promise<void>
  audit(): Promise<Change[]>
  /** Drops it and closes its receivers. */
  remove(): Promise<void>

  readonly clock: {
    get(): Promise<Clock>
    set(to: { now?: Date | string | null; frozen?: boolean; rate?: number }): Promise<Clock>
    /** Stops it at a time, or where it is. */
    freeze(at?: Date | string): Promise<Clock>
    realTime(): Promise<Clock>
    /** Moves it by '61m', '2h', '7d' or milliseconds, and resolves with what fell due. */
    advance(by: string | number): Promise<Effect[]>
  }
  readonly requests: {
    /** The journal, newest first. */
    list(filter?: Filter): Promise<JournalEntry[]>
    get(n: number | string): Promise<JournalEntry>
    /** Why it was answered as it was. */
    explain(n: number | string): Promise<Record<string, unknown>>
    unmatched(): Promise<JournalEntry[]>
    count(filter?: Filter): Promise<number>
    /** Rejects, with the request that came closest, unless there were so many. */
    verify(times: number, filter?: Filter): Promise<void>
    clear(): Promise<void>
  }
  readonly faults: {
    add(fault: NewFault): Promise<Fault>
    list(): Promise<Fault[]>
    remove(id: string): Promise<void>
    clear(): Promise<void>
  }
  readonly scenarios: {
    start(scenario: string): Promise<Scenario>
    list(): Promise<Scenario[]>
    stop(scenario: string): Promise<void>
  }
  readonly links: {
    list(filter?: Record<string, string | number | undefined>): Promise<Link[]>
    get(dialect: string, id: string): Promise<Link>
    /** What a person does who pays on the link's page. */
    complete(dialect: string, id: string, visit?: Visit): Promise<Link>
    fail(dialect: string, id: string, visit?: Visit): Promise<Link>
    cancel(dialect: string, id: string, visit?: Visit): Promise<Link>
    expire(dialect: string, id: string): Promise<Link>
  }
  readonly webhooks: {
    /** Registers an endpoint of yours. */
    add(endpoint: { dialect: string; url: string; secret?: string; secrets?: string[]; events?: string[] }): Promise<Webhook>
    list(): Promise<Webhook[]>
    remove(id: string): Promise<void>
    /** Opens a receiver on this machine and registers it, for the events that are named or for all. */
    receive(dialect: string, ...events: string[]): Promise<Receiver>
    /** Every delivery with its attempts. */
    deliveries(filter?: Record<string, string | number | undefined>): Promise<Delivery[]>
    /** Waits until so many deliveries have arrived. */
    wait(what: { dialect?: string; event?: string; n?: number; timeout?: string }): Promise<Delivery[]>
    resend(id: string): Promise<unknown>
    /** Fires an event for a record, although nothing happens to it. */
    fire(event: { dialect: string; event: string; id: string }): Promise<unknown>
  }
}

/** Where webhooks arrive. */
export interface Receiver {
  readonly url: string
  readonly secret: string
  /** All that has arrived, in order; text is what a verifier of signatures needs. */
  readonly deliveries: readonly Received[]
  /** Answers with this status from now on. */
  answer(status: number): void
  /** Resolves with the first n when so many have arrived; rejects after timeout milliseconds. */
  wait(n?: number, timeout?: number): Promise<Received[]>
  close(): Promise<void>
}

export interface Received {
  headers: Record<string, string | string[] | undefined>
  text: string
  /** The text as JSON, undefined where it is none. */
  body: any
}

export interface Clock {
  now: string
  frozen: boolean
  rate?: number
}

export interface Effect {
  at: string
  kind: string
  dialect: string
  id: string
}

/** What selects requests; members of bodies and headers are written as 'body.line_items.0.price' and 'header.idempotency-key'. */
export interface Filter {
  dialect?: string
  operation?: string
  method?: string
  path?: string
  status?: number | string
  body?: string
  unmatched?: boolean
  since?: number
  [member: `body.${string}` | `header.${string}`]: string | number | boolean | undefined
}

export interface JournalEntry {
  n: number
  at: string
  dialect: string
  operation: string
  request: { method: string; path: string; query: string; headers: Record<string, string[]>; body: string }
  response: { status: number; headers: Record<string, string[]>; body: string }
  /** The line of a mapping file that decided. */
  rule?: { file: string; line: number; code: string }
  fault?: string
  aborted?: string
  [member: string]: unknown
}

/** What goes wrong, and with which calls. */
export interface NewFault {
  dialect?: string
  operation?: string
  times?: number
  status?: number
  code?: string
  delay?: string
  abort?: 'body' | 'reset' | boolean
  lost?: boolean
  stored?: boolean
  event?: string
  delivery?: 'duplicate' | 'reorder' | 'late' | 'drop' | 'bad_signature' | 'stale' | 'cut'
  /** Only requests whose body has these values, by paths such as 'line_items.0.price'. */
  body?: Record<string, unknown>
  /** Only requests whose headers have these values. */
  header?: Record<string, string>
  /** How many calls that fit pass first. */
  after?: number
}

export interface Fault extends Omit<NewFault, 'times' | 'abort'> {
  id: string
  times: number
  hits: number
  abort?: 'body' | 'reset'
  passed?: number
}

export interface Scenario {
  name: string
  title: string
  shipped: boolean
  state: 'idle' | 'running' | 'done'
  step: number
  left: number
  steps: number
}

/** A link as all dialects have it in common; what nobody has said is left out. */
export interface Link {
  object: 'link'
  dialect: string
  id: string
  status: 'active' | 'inactive' | 'archived' | 'completed' | 'expired' | 'revoked'
  kind?: 'payment' | 'checkout' | 'setup'
  title?: string | null
  amount?: number | null
  currency?: string | null
  url?: string
  version?: number
  [member: string]: any
}

/** What a person does on a link's page, where it is more than a plain success, failure or return. */
export interface Visit {
  outcome?: string
  input?: Record<string, unknown>
}

export interface Webhook {
  id: string
  dialect: string
  url: string
  [member: string]: unknown
}

export interface Delivery {
  id: string
  dialect: string
  event: string
  status: string
  attempts: unknown[]
  [member: string]: unknown
}

export interface Change {
  at: string
  operation: string
  record: string
  before: unknown
  after: unknown
  [member: string]: unknown
}

/** A sandbox as one document. */
export type Snapshot = Record<string, unknown>

/** What polylink refused, in its own words; status is 0 where it did not answer. */
export class PolylinkError extends Error {
  readonly status: number
  readonly problem: any
}
