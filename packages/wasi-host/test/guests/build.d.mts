export function buildGuest(name: string): string;
