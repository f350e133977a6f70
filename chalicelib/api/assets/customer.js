// What this browser remembers of whoever uses it: name, e-mail address, and the id of a conversation once there is one.
// It stands in one cookie, which only our pages write and read, and only if the person wants it. The server neither
// stores nor logs it.

const NAME = "__Host-zusage-customer";
const HALF_A_YEAR = 180 * 86_400;
const RULES = "Path=/; Secure; SameSite=Strict";
const KEPT = ["name", "email", "chat"];

/** What is remembered, each part a text; empty when nothing is. */
export function remembered() {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${NAME}=`));
  try {
    return kept(JSON.parse(decodeURIComponent(found.slice(NAME.length + 1))));
  } catch {
    return {};
  }
}

/** Remembers these parts beside those that are remembered already. */
export function remember(parts) {
  const value = encodeURIComponent(JSON.stringify({ ...remembered(), ...kept(parts) }));
  document.cookie = `${NAME}=${value}; ${RULES}; Max-Age=${HALF_A_YEAR}`;
}

/** Forgets everything. */
export function forget() {
  document.cookie = `${NAME}=; ${RULES}; Max-Age=0`;
}

function kept(parts) {
  const known = Object.entries(Object(parts)).filter(([name, value]) => KEPT.includes(name) && typeof value === "string");
  return Object.fromEntries(known);
}
