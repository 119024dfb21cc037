import { shareInstances } from '../instances.js';
import { checkInteger, checkSeconds, invalidType } from '../errors.js';

/** Parameters of TCP keep-alive: what is left out stays as it is. */
export interface TcpKeepaliveInit {
  /** Idle time before the first probe, in milliseconds, >= 1000; the system rounds down to whole seconds. */
  readonly time?: number | undefined;
  /** Time between probes, in milliseconds, >= 1000; the system rounds down to whole seconds. */
  readonly interval?: number | undefined;
  /** Unanswered probes that end the connection. */
  readonly retries?: number | undefined;
}

/** Builds the parameters of {@link Socket.setTcpKeepalive}; each `with...` returns a new object. */
export class TcpKeepalive implements TcpKeepaliveInit {
  readonly time?: number;
  readonly interval?: number;
  readonly retries?: number;

  /** @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` */
  constructor(init: TcpKeepaliveInit = {}) {
    if (typeof init !== 'object' || init === null) throw invalidType('params', 'an object', init);
    const { time, interval, retries } = init;
    if (time !== undefined) this.time = checkSeconds('params.time', time);
    if (interval !== undefined) this.interval = checkSeconds('params.interval', interval);
    if (retries !== undefined)
      this.retries = checkInteger('params.retries', retries, 1, 0x7fffffff);
  }

  /** @param time idle time before the first probe, in milliseconds (`TCP_KEEPIDLE`, tcp(7)) */
  withTime(time: number): TcpKeepalive {
    return new TcpKeepalive({ ...this, time });
  }

  /** @param interval time between probes, in milliseconds (`TCP_KEEPINTVL`, tcp(7)) */
  withInterval(interval: number): TcpKeepalive {
    return new TcpKeepalive({ ...this, interval });
  }

  /** @param retries unanswered probes that end the connection (`TCP_KEEPCNT`, tcp(7)) */
  withRetries(retries: number): TcpKeepalive {
    return new TcpKeepalive({ ...this, retries });
  }
}

shareInstances(TcpKeepalive, 'TcpKeepalive');
