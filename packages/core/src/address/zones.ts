/** Zones of IPv6 addresses: RFC 4007, section 11. */
import { invalidValue } from '../errors.js';

/** Returns the index of a network interface; negative if there is none of this name. */
type IndexOf = (name: string) => number;

/** Core itself knows no interfaces: the first backend that was imported and knows them looks names up. */
let indexOf: IndexOf | undefined;

/** Has a backend look up the names of zones. */
export function lookUpZones(lookup: IndexOf): void {
  indexOf ??= lookup;
}

/**
 * The scope id of a zone: an index as text, or the name of a network interface.
 * @throws `ERR_INVALID_ARG_VALUE` for a name that no imported backend finds
 */
export function scopeIdOfZone(zone: string): number {
  if (/^[0-9]{1,10}$/.test(zone)) return Number(zone);
  if (indexOf === undefined) {
    throw invalidValue('address', 'must name its zone by interface index, as in fe80::1%2', zone);
  }
  const index = indexOf(zone);
  if (index > 0) return index;
  throw invalidValue(
    'address',
    'must have the name or the index of an interface as its zone',
    zone,
  );
}
