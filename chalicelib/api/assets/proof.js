// Passwords in the browser: what is sent is a proof, from which the password can't be found, and whether a password is
// good enough is judged here, since nobody else ever sees it.
import { Refused, language } from "./page.js";

const SHORTEST = 15;
const LONGEST = 1024;
const HASHES = { "PBKDF2-SHA-256": { name: "PBKDF2", hash: "SHA-256" } };
const PROOF_BITS = 256;
const ROWS = ["qwertzuiopü", "asdfghjklöä", "yxcvbnm", "qwertyuiop", "zxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"];
const PRODUCT = "zusage";
const LEAST_OF_ONES_OWN = 8;
const LEAST_OUTSIDE_RUNS = 4;

const REASONS = {
  de: {
    short: `Das Passwort ist zu kurz. Nehmen Sie mindestens ${SHORTEST} Zeichen, zum Beispiel vier Wörter.`,
    long: `Das Passwort ist zu lang. Nehmen Sie höchstens ${LONGEST} Zeichen.`,
    frequent: "Dieses Passwort ist zu bekannt. Es steht auf der Liste, mit der zuerst geraten wird.",
    context: "Das Passwort besteht fast nur aus Ihrem Namen, Ihrer Adresse oder unserem Namen.",
    repeated: "Das Passwort wiederholt nur immer dasselbe.",
    sequence: "Das Passwort besteht aus Reihen, wie sie auf der Tastatur, im Alphabet oder beim Zählen vorkommen.",
  },
  en: {
    short: `The password is too short. Take at least ${SHORTEST} characters, for example four words.`,
    long: `The password is too long. Take at most ${LONGEST} characters.`,
    frequent: "This password is too well known. It is on the list that people guess with first.",
    context: "The password is made of hardly more than your name, your address or our name.",
    repeated: "The password only repeats the same thing.",
    sequence: "The password is made of rows as they are on the keyboard, in the alphabet or in counting.",
  },
  fr: {
    short: `Le mot de passe est trop court. Prenez au moins ${SHORTEST} caractères, par exemple quatre mots.`,
    long: `Le mot de passe est trop long. Prenez au plus ${LONGEST} caractères.`,
    frequent: "Ce mot de passe est trop connu. Il figure sur la liste avec laquelle on devine en premier.",
    context: "Le mot de passe ne contient guère que votre nom, votre adresse ou notre nom.",
    repeated: "Le mot de passe ne fait que répéter la même chose.",
    sequence: "Le mot de passe est fait de suites du clavier, de l'alphabet ou de nombres.",
  },
  it: {
    short: `La password è troppo corta. Prenda almeno ${SHORTEST} caratteri, per esempio quattro parole.`,
    long: `La password è troppo lunga. Prenda al massimo ${LONGEST} caratteri.`,
    frequent: "Questa password è troppo nota. Figura nell'elenco con cui si prova a indovinare per prima cosa.",
    context: "La password contiene poco più del Suo nome, del Suo indirizzo o del nostro nome.",
    repeated: "La password ripete soltanto la stessa cosa.",
    sequence: "La password è fatta di sequenze della tastiera, dell'alfabeto o di numeri.",
  },
};

/** The proof of a password: what is sent in its place. `parameters` come from the server and belong to the address. */
export async function deriveProof(password, { salt, iterations, algorithm }) {
  const { name, hash } = HASHES[algorithm];
  const raw = new TextEncoder().encode(password.normalize("NFKC"));
  const key = await crypto.subtle.importKey("raw", raw, name, false, ["deriveBits"]);
  return spelled(await crypto.subtle.deriveBits({ name, hash, salt: bytes(salt), iterations }, key, PROOF_BITS));
}

/**
 * Why a password is not good enough (NIST SP 800-63B-4, section 3.1.1.2): `{ kind, text }` each; none if it is.
 * Which characters it is made of is nobody's business. `blocklist` is a Set of frequent passwords in lower case.
 */
export function checkPassword(password, { email = "", names = [], blocklist = new Set() } = {}) {
  const letters = [...password.normalize("NFKC").toLowerCase()];
  return kindsOf(letters, ownWords(email, names), blocklist).map((kind) => ({ kind, text: REASONS[language][kind] }));
}

function kindsOf(letters, own, blocklist) {
  if (letters.length > LONGEST) return ["long"];
  const small = letters.join("");
  const wrong = {
    short: letters.length < SHORTEST,
    frequent: isFrequent(small, blocklist),
    context: isMadeOf(small, own),
    repeated: letters.length > 2 && unitOf(letters).length <= letters.length / 3,
    sequence: isSequence(letters),
  };
  return Object.keys(wrong).filter((kind) => wrong[kind]);
}

/** The list that passwords are checked against. */
export async function loadBlocklist() {
  const asked = fetch("v1/password-blocklist", { credentials: "omit", referrerPolicy: "no-referrer" });
  const answer = await asked.catch(() => { throw new Refused("offline"); });
  if (!answer.ok) throw new Error("blocklist");
  return new Set((await answer.text()).split("\n").filter(Boolean));
}

/** On the list; or with digits and signs around it, or repeated. */
function isFrequent(small, blocklist) {
  const bare = small.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  const behind = small.replace(/[^\p{L}]+$/u, "");
  return [small, bare, behind].flatMap((each) => [each, unitOf([...each]).join("")]).some((each) => blocklist.has(each));
}

/** The words that others would try first for this very person. */
function ownWords(email, names) {
  const [local, domain = ""] = email.toLowerCase().split("@");
  const parts = [local, ...local.split(/[^\p{L}\p{N}]+/u), ...domain.split(".").slice(0, -1)];
  const words = [PRODUCT, ...parts, ...names.flatMap((name) => name.normalize("NFKC").toLowerCase().split(/[^\p{L}\p{N}]+/u))];
  return [...new Set(words)].filter((word) => [...word].length >= 3).sort((one, other) => other.length - one.length);
}

/** Whether little is left once these words, digits and signs are taken out. */
function isMadeOf(small, words) {
  let left = small;
  for (const word of words) left = left.replaceAll(word, " ");
  return left !== small && [...left.replace(/[^\p{L}]+/gu, "")].length < LEAST_OF_ONES_OWN;
}

/** The shortest beginning that the whole consists of, when it is repeated; the last time may be cut off. */
function unitOf(letters) {
  for (let size = 1; size <= letters.length / 2; size += 1) {
    if (letters.every((letter, index) => letter === letters[index % size])) return letters.slice(0, size);
  }
  return letters;
}

/** Whether hardly anything is outside of runs: the same character, upwards or downwards, or along the keyboard. */
function isSequence(letters) {
  const within = new Set();
  for (let index = 2; index < letters.length; index += 1) {
    const before = stepOf(letters[index - 2], letters[index - 1]);
    const step = stepOf(letters[index - 1], letters[index]);
    const goesOn = before !== null && step !== null && (before === step || before === 0 || step === 0);
    if (goesOn) [index - 2, index - 1, index].forEach((each) => within.add(each));
  }
  return within.size > 0 && letters.length - within.size < LEAST_OUTSIDE_RUNS;
}

/** How one character follows another: 0, 1 or -1 by code, a row of keys in one direction; null if it does not. */
function stepOf(one, other) {
  const step = other.codePointAt(0) - one.codePointAt(0);
  if (Math.abs(step) <= 1) return step;
  if (one + other === "90") return 1;
  const row = ROWS.find((keys) => keys.includes(one + other) || keys.includes(other + one));
  if (row === undefined) return null;
  return row.includes(one + other) ? "row" : "row back";
}

function bytes(text) {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

function spelled(buffer) {
  const raw = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(raw).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
