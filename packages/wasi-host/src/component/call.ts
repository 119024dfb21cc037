/** Functions by the canonical ABI: `canon lower` of what a component imports, `canon lift` of what it exports. */
import { codecOf, type Crossing, Source } from './codec.js';
import type { FunctionType, Type } from './types.js';

type CoreValue = number | bigint;
export type CoreFunction = (...values: CoreValue[]) => CoreValue | undefined;

/** More than so many flat parameters cross in memory. */
const PARAMS_MAX = 16;

interface Shape {
  readonly params: Type;
  readonly paramsFlat: number;
  readonly result: Type | undefined;
  /** Whether the result crosses in memory. */
  readonly resultInMemory: boolean;
}

const shapes = new WeakMap<FunctionType, Shape>();

function shapeOf(type: FunctionType): Shape {
  let shape = shapes.get(type);
  if (shape === undefined) {
    const params: Type = { kind: 'tuple', items: type.params };
    shape = {
      params,
      paramsFlat: codecOf(params).flat.length,
      result: type.result,
      resultInMemory: type.result !== undefined && codecOf(type.result).flat.length > 1,
    };
    shapes.set(type, shape);
  }
  return shape;
}

/** A core function that calls a function of the host, or of another component. */
export function lowerFunction(
  type: FunctionType,
  call: (args: unknown[]) => unknown,
  crossing: Crossing,
): CoreFunction {
  const { params, paramsFlat, result, resultInMemory } = shapeOf(type);
  const paramsCodec = codecOf(params);
  const resultCodec = result && codecOf(result);
  const { memory } = crossing;
  return (...values) => {
    memory.refresh();
    let args: unknown[];
    if (paramsFlat > PARAMS_MAX) {
      const at = memory.at(Number(values[0]), paramsCodec.size, paramsCodec.align);
      args = paramsCodec.load(crossing, at) as unknown[];
    } else args = paramsCodec.lift(crossing, new Source(values)) as unknown[];
    const value = call(args);
    if (resultCodec === undefined) return undefined;
    memory.refresh();
    if (resultInMemory) {
      const last = values[paramsFlat > PARAMS_MAX ? 1 : paramsFlat];
      const at = memory.at(Number(last), resultCodec.size, resultCodec.align);
      resultCodec.store(crossing, value, at);
      return undefined;
    }
    const out: CoreValue[] = [];
    resultCodec.lower(crossing, value, out);
    return out[0];
  };
}

/** A function that calls a core function. */
export function liftFunction(
  type: FunctionType,
  core: CoreFunction,
  crossing: Crossing,
  postReturn: CoreFunction | undefined,
): (args: unknown[]) => unknown {
  const { params, paramsFlat, result, resultInMemory } = shapeOf(type);
  const paramsCodec = codecOf(params);
  const resultCodec = result && codecOf(result);
  const { memory } = crossing;
  return (args) => {
    memory.refresh();
    const values: CoreValue[] = [];
    if (paramsFlat > PARAMS_MAX) {
      const at = crossing.allocate(paramsCodec.size, paramsCodec.align);
      paramsCodec.store(crossing, args, at);
      values.push(at);
    } else paramsCodec.lower(crossing, args, values);
    const returned = core(...values);
    memory.refresh();
    let value: unknown;
    if (resultCodec !== undefined) {
      value = resultInMemory
        ? resultCodec.load(
            crossing,
            memory.at(Number(returned), resultCodec.size, resultCodec.align),
          )
        : resultCodec.lift(crossing, new Source([returned as CoreValue]));
    }
    if (returned === undefined) postReturn?.();
    else postReturn?.(returned);
    return value;
  };
}
