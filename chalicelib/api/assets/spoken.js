// How times and amounts are said on the pages, in the reader's language and the zone that a page names.
import { locale } from "./page.js";

const format = (zone, options) => new Intl.DateTimeFormat(locale(), { timeZone: zone || undefined, ...options });

export const dayOf = (instant, zone) =>
  format(zone, { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(new Date(instant));

export const timeOf = (instant, zone) => format(zone, { hour: "2-digit", minute: "2-digit" }).format(new Date(instant));

/** From when until when, with the zone. */
export function span(startsAt, endsAt, zone) {
  const end = endsAt ? `–${timeOf(endsAt, zone)}` : "";
  return `${dayOf(startsAt, zone)}, ${timeOf(startsAt, zone)}${end}${zone ? ` (${zone})` : ""}`;
}

/** An amount of the smallest unit of a currency. */
export function money(amount, currency) {
  const written = new Intl.NumberFormat(locale(), { style: "currency", currency });
  return written.format(amount / 10 ** written.resolvedOptions().maximumFractionDigits);
}
