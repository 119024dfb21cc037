export class Tally {
  passed: number;
  failed: number;
  skipped: number;
  add(outcome: 'passed' | 'failed' | 'skipped', name: string, detail?: string): void;
  check(name: string, holds: boolean, detail?: string): void;
  finish(): void;
}
