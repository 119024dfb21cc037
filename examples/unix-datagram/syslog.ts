/** Syslog messages in both forms: RFC 3164, which /dev/log takes, and RFC 5424. */

export const FACILITIES =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp security console clock local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  );
export const SEVERITIES = 'emerg alert crit err warning notice info debug'.split(' ');

export interface LogMessage {
  /** `facility.severity`, such as `daemon.info`. */
  readonly priority: string;
  readonly time: Date;
  /** The program's name. */
  readonly tag: string;
  readonly pid: number;
  readonly text: string;
}

/** The number of a priority. Throws if the priority does not exist. */
export function priorityNumber(priority: string): number {
  const [facility = '', severity = ''] = priority.split('.');
  const number = FACILITIES.indexOf(facility) * 8 + SEVERITIES.indexOf(severity);
  if (FACILITIES.includes(facility) && SEVERITIES.includes(severity)) return number;
  throw new Error(`no priority '${priority}': facility.severity, such as daemon.info`);
}

/** `<30>Nov 25 13:00:00 tag[42]: text`, in local time. */
export function formatRfc3164({ priority, time, tag, pid, text }: LogMessage): string {
  const month = time.toLocaleString('en', { month: 'short' });
  const day = String(time.getDate()).padStart(2);
  const clock = time.toLocaleTimeString('en-GB');
  return `<${priorityNumber(priority)}>${month} ${day} ${clock} ${tag}[${pid}]: ${text}`;
}

/** `<30>1 2026-11-25T13:00:00.000Z host tag 42 - - text`. */
export function formatRfc5424(message: LogMessage, host: string): string {
  const { priority, time, tag, pid, text } = message;
  return `<${priorityNumber(priority)}>1 ${time.toISOString()} ${host} ${tag} ${pid} - - ${text}`;
}

const RFC_5424 =
  /^<(?<number>\d{1,3})>1 (?<time>\S+) \S+ (?<tag>\S+) (?<pid>\S+) \S+ (?:-|\[.*?[^\\]\]) ?(?<text>.*)$/s;
const RFC_3164 =
  /^<(?<number>\d{1,3})>(?<time>\w{3} [ \d]\d \d\d:\d\d:\d\d) (?<tag>[^\s:[]+)(?:\[(?<pid>\d+)\])?: ?(?<text>.*)$/s;

export interface ParsedMessage {
  readonly form: 'RFC 5424' | 'RFC 3164' | 'other';
  readonly priority: string;
  readonly time: string;
  readonly tag: string;
  readonly text: string;
}

/** Parses a message. A message in neither form has only a text. */
export function parse(message: string): ParsedMessage {
  const modern = RFC_5424.exec(message)?.groups;
  const found = modern ?? RFC_3164.exec(message)?.groups;
  if (found === undefined) {
    return { form: 'other', priority: 'user.notice', time: '-', tag: '-', text: message };
  }
  const { number, time = '-', tag = '-', text = '' } = found;
  const [facility, severity] = [FACILITIES[Number(number) >> 3], SEVERITIES[Number(number) & 7]];
  return {
    form: modern === undefined ? 'RFC 3164' : 'RFC 5424',
    priority: `${facility ?? 'user'}.${severity}`,
    time,
    tag,
    text,
  };
}
