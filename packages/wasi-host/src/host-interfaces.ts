/** The interfaces of one host as the loader takes them. */
import type { FunctionType, ResourceType } from './component/types.js';
import { parseFunction, type Type } from './component/types.js';
import { parseType } from './component/types.js';
import type { HostFunction, HostInterface, HostInterfaces } from './component/instantiate.js';
import {
  insecureRandom,
  insecureSeed,
  monotonicClock,
  random,
  wallClock,
} from './interfaces/clocks.js';
import {
  type FunctionDefinition,
  type InterfaceDefinition,
  namedTypes,
} from './interfaces/define.js';
import { ioError, ioPoll, ioStreams } from './interfaces/io.js';
import {
  instanceNetwork,
  ipNameLookup,
  network,
  tcp,
  tcpCreateSocket,
  udp,
  udpCreateSocket,
} from './interfaces/sockets.js';
import { Resource, type ResourceName } from './sockets/resource.js';
import type { Scope } from './sockets/scope.js';

/** What every component gets. wasi:cli and wasi:filesystem are added by who runs it. */
export const interfaces: Readonly<Record<string, InterfaceDefinition>> = {
  'wasi:io/error': ioError,
  'wasi:io/poll': ioPoll,
  'wasi:io/streams': ioStreams,
  'wasi:clocks/monotonic-clock': monotonicClock,
  'wasi:clocks/wall-clock': wallClock,
  'wasi:random/random': random,
  'wasi:random/insecure': insecureRandom,
  'wasi:random/insecure-seed': insecureSeed,
  'wasi:sockets/network': network,
  'wasi:sockets/instance-network': instanceNetwork,
  'wasi:sockets/tcp': tcp,
  'wasi:sockets/tcp-create-socket': tcpCreateSocket,
  'wasi:sockets/udp': udp,
  'wasi:sockets/udp-create-socket': udpCreateSocket,
  'wasi:sockets/ip-name-lookup': ipNameLookup,
};

/** The resource types of the interfaces, and which interface each belongs to. */
export const resourceHomes: Readonly<Record<ResourceName, string>> = {
  error: 'wasi:io/error',
  pollable: 'wasi:io/poll',
  'input-stream': 'wasi:io/streams',
  'output-stream': 'wasi:io/streams',
  network: 'wasi:sockets/network',
  'tcp-socket': 'wasi:sockets/tcp',
  'udp-socket': 'wasi:sockets/udp',
  'incoming-datagram-stream': 'wasi:sockets/udp',
  'outgoing-datagram-stream': 'wasi:sockets/udp',
  'resolve-address-stream': 'wasi:sockets/ip-name-lookup',
  'terminal-input': 'wasi:cli/terminal-input',
  'terminal-output': 'wasi:cli/terminal-output',
};

const resourceTypes = Object.fromEntries(
  Object.keys(resourceHomes).map((name): [string, ResourceType] => [
    name,
    {
      name,
      drop: (value) => (value as Resource).drop(),
      holds: (value) => value instanceof Resource && value.kind === name,
    },
  ]),
);

export const resourceType = (name: string): ResourceType | undefined =>
  Object.hasOwn(resourceTypes, name) ? resourceTypes[name] : undefined;

const withResources = { types: namedTypes, resource: resourceType };
const streamError: Type = {
  kind: 'variant',
  cases: [
    ['last-operation-failed', parseType('own<error>', withResources)],
    ['closed', undefined],
  ],
};
const names = { types: { ...namedTypes, 'stream-error': streamError }, resource: resourceType };
const signatures = new WeakMap<FunctionDefinition, FunctionType>();

/** The type of a function. */
export function signatureOf(definition: FunctionDefinition): FunctionType {
  let type = signatures.get(definition);
  if (type === undefined)
    signatures.set(definition, (type = parseFunction(definition.type, names)));
  return type;
}

export class LoaderInterfaces implements HostInterfaces {
  constructor(
    private readonly scope: Scope,
    private readonly definitions: Readonly<Record<string, InterfaceDefinition>>,
    private readonly foreign: Readonly<Record<string, HostInterface>> = {},
  ) {}

  resource(name: string): ResourceType | undefined {
    return resourceType(name);
  }

  interface(name: string): HostInterface | undefined {
    const other = Object.hasOwn(this.foreign, name) ? this.foreign[name] : undefined;
    if (other !== undefined) return other;
    const definition = Object.hasOwn(this.definitions, name) ? this.definitions[name] : undefined;
    if (definition === undefined) return undefined;
    return {
      resource: resourceType,
      func: (func) => (Object.hasOwn(definition, func) ? this.#func(definition[func]) : undefined),
    };
  }

  #func(definition: FunctionDefinition | undefined): HostFunction | undefined {
    if (definition === undefined) return undefined;
    const { scope } = this;
    const { lower } = definition;
    return {
      // Read when it is needed: functions that are lowered by hand never need it.
      get type() {
        return signatureOf(definition);
      },
      call: (args) => definition.call(scope, ...(args as never[])),
      ...(lower && { lower: (context) => lower(context, scope) }),
    };
  }
}
