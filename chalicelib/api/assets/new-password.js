// What the pages share on which a password is chosen: two fields, and why it will not do, before anything is sent.
import { make, say } from "./page.js";
import { checkPassword, loadBlocklist } from "./proof.js";

/** The password in the fields #new and #again; null, with the reasons in #reasons, when it will not do. */
export async function chosenPassword(chosen, about) {
  const [field, again] = ["new", "again"].map((id) => document.getElementById(id));
  const reasons = checkPassword(field.value, { ...about, blocklist: await loadBlocklist() });
  document.getElementById("reasons").replaceChildren(...reasons.map(({ text }) => make("li", {}, text)));
  const problem = reasons.length ? "weak" : field.value.normalize("NFKC") !== again.value.normalize("NFKC") && "different";
  if (!problem) return field.value;
  say(chosen[problem], "bad");
  (reasons.length ? field : again).focus();
  return null;
}
