export function buildGuest(name: string): string;
export function buildPythonGuest(name: string): string;
export function newestNode(): { version: string; program: string };
export function nodesWithJspi(): { version: string; program: string }[];
