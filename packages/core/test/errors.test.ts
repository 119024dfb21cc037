/** Errors in node's form, and the checks of arguments that make them. */
import { describe, expect, test } from 'vitest';
import {
  checkBoolean,
  checkDuration,
  checkInteger,
  checkString,
  DURATION_MAX,
  invalidType,
  invalidValue,
  outOfRange,
} from '../src/errors.js';
import { SockError } from '../src/index.js';

describe('SockError', () => {
  test("has node's fields and message", () => {
    const error = new SockError('EADDRINUSE', {
      errno: -98,
      syscall: 'bind',
      address: '127.0.0.1',
      port: 80,
    });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'SockError',
      code: 'EADDRINUSE',
      errno: -98,
      syscall: 'bind',
      address: '127.0.0.1',
      port: 80,
      message: 'bind EADDRINUSE 127.0.0.1:80',
    });
    expect(String(error)).toBe('SockError: bind EADDRINUSE 127.0.0.1:80');
  });

  test('writes an IPv6 address so that its port can be told from it', () => {
    const details = { syscall: 'connect', address: '::1', port: 80 };
    expect(new SockError('ECONNREFUSED', details).message).toBe('connect ECONNREFUSED [::1]:80');
  });

  test('a path has no port', () => {
    const error = new SockError('ENOENT', { syscall: 'connect', address: '/run/x.sock' });
    expect(error.message).toBe('connect ENOENT /run/x.sock');
    expect(error.address).toBe('/run/x.sock');
    expect('port' in error).toBe(false);
  });

  test('leaves out what it does not know', () => {
    const error = new SockError('EIO');
    expect(error.message).toBe('EIO');
    expect(error.errno).toBe(0);
    expect(error.syscall).toBeUndefined();
    expect('address' in error).toBe(false);
    expect('cause' in error).toBe(false);
  });

  test('takes a message and a cause', () => {
    const cause = new Error('why');
    const error = new SockError('ERR_SOCK_UNSUPPORTED', { message: 'not here', cause });
    expect([error.message, error.cause]).toEqual(['not here', cause]);
  });
});

describe("node's argument errors", () => {
  test('carry the code and say what came instead', () => {
    const type = invalidType('port', 'of type number', '80');
    expect(type).toBeInstanceOf(TypeError);
    expect(type).toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
      message: `The "port" argument must be of type number. Received type string ('80')`,
    });
    const value = invalidValue('path', 'must not be empty', '');
    expect(value).toBeInstanceOf(TypeError);
    expect(value).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
    expect(value.message).toContain('"path" must not be empty');
    const range = outOfRange('port', '>= 0 and <= 65535', 65536);
    expect(range).toBeInstanceOf(RangeError);
    expect(range).toMatchObject({
      code: 'ERR_OUT_OF_RANGE',
      message: 'The value of "port" is out of range. It must be >= 0 and <= 65535. Received 65536',
    });
  });

  test('never run code of the value they describe', () => {
    const hostile = {
      get constructor(): never {
        throw new Error('called');
      },
      toString(): never {
        throw new Error('called');
      },
    };
    expect(invalidType('x', 'a number', hostile).message).toContain('an instance of Object');
    expect(invalidType('x', 'a number', Symbol('s')).message).toContain('type symbol');
    expect(invalidType('x', 'a number', () => 1).message).toContain('type function');
    expect(invalidType('x', 'a number', null).message).toContain('Received null');
    expect(invalidType('x', 'a number', undefined).message).toContain('Received undefined');
    expect(invalidType('x', 'a number', 'y'.repeat(1000)).message.length).toBeLessThan(120);
  });
});

describe('checks', () => {
  test('checkInteger takes integers of its range', () => {
    for (const value of [0, 7, 65535]) expect(checkInteger('port', value, 0, 65535)).toBe(value);
    for (const value of [-1, 65536, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => checkInteger('port', value, 0, 65535)).toThrow(RangeError);
    }
    for (const value of ['1', 1n, true, null, undefined, [1], new Number(1)]) {
      expect(() => checkInteger('port', value, 0, 65535)).toThrow(TypeError);
    }
  });

  test('checkDuration takes milliseconds above 0, fractions too', () => {
    for (const value of [0.5, 1, DURATION_MAX]) {
      expect(checkDuration('timeout', value)).toBe(value);
    }
    for (const value of [0, -0, -1, DURATION_MAX + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => checkDuration('timeout', value)).toThrow(RangeError);
    }
    for (const value of ['1', 1n, null, undefined]) {
      expect(() => checkDuration('timeout', value)).toThrow(TypeError);
    }
  });

  test('checkBoolean and checkString take their type and nothing that converts to it', () => {
    expect([checkBoolean('on', true), checkBoolean('on', false)]).toEqual([true, false]);
    for (const value of [0, 1, 'true', null, undefined, new Boolean(true)]) {
      expect(() => checkBoolean('on', value)).toThrow(TypeError);
    }
    expect([checkString('name', ''), checkString('name', 'x')]).toEqual(['', 'x']);
    for (const value of [0, null, undefined, ['x'], new String('x')]) {
      expect(() => checkString('name', value)).toThrow(TypeError);
    }
  });
});
