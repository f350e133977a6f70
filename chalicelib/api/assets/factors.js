// The part of one's own account about second factors.
import { doing, make, say } from "./page.js";
import { canUsePasskeys, makePasskey } from "./passkey.js";

const $ = (id) => document.getElementById(id);
let removing;

/** Shows what there is. */
export function showFactors(me, chosen) {
  const { totp, passkeys, recovery_codes: codes, required, password } = me.factors;
  const held = [
    ...(totp ? [[chosen.app, "staff/me/totp/removal"]] : []),
    ...passkeys.map((each) => [`${chosen.passkey}: ${each.label}`, `staff/me/passkeys/${each.id}/removal`]),
  ];
  $("factors").replaceChildren(...held.map(([text, path]) => {
    const button = make("button", { type: "button" }, chosen.remove);
    button.addEventListener("click", () => removing(path));
    return make("li", {}, `${text} `, button);
  }), make("li", {}, held.length ? `${codes} ${chosen.codesLeft}` : chosen.noFactor));
  $("confirming").hidden = !password;
  $("new-codes").hidden = !held.length;
  $("passkey-form").hidden = !canUsePasskeys();
  $("require").hidden = !me.roles.includes("admin") || !held.length;
  $("require").textContent = required ? chosen.requireNone : chosen.requireAll;
}

/** Connects the buttons. */
export function wireFactors(me, chosen, { mine, proofOf, act }) {
  /** Does something that needs the password once more, if there is one. */
  function proven(action, done) {
    const password = $("confirm").value;
    if (me.factors.password && !password) {
      say(chosen.needConfirm, "bad");
      $("confirm").focus();
      return;
    }
    const run = async () => action(me.factors.password ? { proof: await proofOf(password) } : {});
    if (done) act(run, done);
    else doing(chosen, run);
  }

  function tell({ recovery_codes: codes }) {
    if (!codes.length) return;
    $("recovery-codes").textContent = codes.join("\n");
    $("codes").hidden = false;
  }

  async function beginApp(proof) {
    const { secret, uri } = await mine("POST", "staff/me/totp", proof);
    $("secret").textContent = secret.replace(/(.{4})(?=.)/g, "$1 ");
    $("uri").href = uri;
    $("uri").textContent = chosen.openApp;
    $("app-form").hidden = false;
    $("app-code").focus();
    say("");
  }

  async function confirmApp() {
    tell(await mine("POST", "staff/me/totp/confirmation", { code: $("app-code").value.trim() }));
    for (const id of ["app-code", "confirm"]) $(id).value = "";
    $("secret").textContent = "";
    $("uri").removeAttribute("href");
    $("app-form").hidden = true;
  }

  async function addPasskey(proof) {
    const { public_key: options } = await mine("POST", "staff/me/passkeys/options", proof);
    const credential = await makePasskey(options);
    tell(await mine("POST", "staff/me/passkeys", { label: $("label").value.trim(), credential }));
    for (const id of ["label", "confirm"]) $(id).value = "";
  }

  removing = (path) => proven((proof) => mine("POST", path, proof), "removed");
  $("add-app").addEventListener("click", () => proven(beginApp));
  $("new-codes").addEventListener("click", () => proven(
    async (proof) => tell(await mine("POST", "staff/me/recovery-codes", proof)), "codesMade",
  ));
  $("require").addEventListener("click", () => act(
    () => mine("PUT", "tenant/second-factor", { required: !me.factors.required }), "required",
  ));
  $("confirming").addEventListener("submit", (event) => event.preventDefault());
  $("app-form").addEventListener("submit", (event) => {
    event.preventDefault();
    act(confirmApp, "added");
  });
  $("passkey-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if ($("label").value.trim()) proven(addPasskey, "added");
    else say(chosen.needLabel, "bad");
  });
}
