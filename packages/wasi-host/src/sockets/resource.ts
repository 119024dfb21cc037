/** Resources: what a handle of a component stands for. */
import type { Scope } from './scope.js';

/** Names of the resource types of the interfaces. */
export type ResourceName =
  | 'error'
  | 'pollable'
  | 'input-stream'
  | 'output-stream'
  | 'network'
  | 'tcp-socket'
  | 'udp-socket'
  | 'incoming-datagram-stream'
  | 'outgoing-datagram-stream'
  | 'resolve-address-stream'
  | 'terminal-input'
  | 'terminal-output';

/** Ends a component. What threw it is not to be called again. */
export function trap(message: string): never {
  throw new WebAssembly.RuntimeError(message);
}

export abstract class Resource {
  /** The number under which {@link Scope} knows it; 0 when it was dropped. */
  rep: number;

  constructor(readonly scope: Scope) {
    this.rep = scope.register(this);
  }

  abstract get kind(): ResourceName;

  /** Called once, when the last handle is dropped or the host is closed. */
  protected dropped(): void {}

  drop(): void {
    if (this.rep === 0) return;
    this.scope.unregister(this);
    this.rep = 0;
    this.dropped();
  }
}

/** `error` of wasi:io/error: why an operation of a stream failed. */
export class IoError extends Resource {
  /** @param errno negative error number of the system; 0: only the text */
  constructor(
    scope: Scope,
    readonly errno: number,
    private readonly said = '',
    /** The error as another host has it. */
    readonly foreign: unknown = undefined,
  ) {
    super(scope);
  }

  get kind(): ResourceName {
    return 'error';
  }

  get text(): string {
    return this.said || this.scope.system.errorName(this.errno);
  }
}

/** `network`: the right to use the network that the policy describes. */
export class Network extends Resource {
  get kind(): ResourceName {
    return 'network';
  }
}
