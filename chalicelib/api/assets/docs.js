// Draws openapi.json for reading. Everything is made of elements and text; nothing is ever read as markup.

const METHODS = ["get", "post", "put", "patch", "delete"];
const main = document.getElementById("main");
const contents = document.getElementById("contents");
let api;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** What a $ref points at. */
function resolve(node) {
  if (!node || !node.$ref) return node;
  return node.$ref.slice(2).split("/").reduce((at, step) => at[step.replaceAll("~1", "/").replaceAll("~0", "~")], api);
}

const nameOf = (ref) => ref.slice(ref.lastIndexOf("/") + 1);

/** A schema in a few words: text, Booking, list of text, "de" or "en". */
function kind(schema) {
  if (!schema) return "anything";
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((choice) => JSON.stringify(choice)).join(" or ");
  const choices = schema.anyOf || schema.oneOf;
  if (choices) return choices.map(kind).join(" or ");
  if (schema.type === "array") return `list of ${kind(schema.items)}`;
  if (schema.type === "string") return schema.format || "text";
  if (schema.type === "object" && schema.additionalProperties instanceof Object) {
    return `object of ${kind(schema.additionalProperties)}`;
  }
  return schema.type || "anything";
}

const LIMITS = {
  minLength: "at least % characters", maxLength: "at most % characters", minimum: "≥ %", maximum: "≤ %", exclusiveMinimum: "> %",
  exclusiveMaximum: "< %", minItems: "at least % entries", maxItems: "at most % entries", pattern: "fits %",
};

function limits(schema) {
  const own = Object.entries(LIMITS)
    .filter(([name]) => schema[name] !== undefined && !(name === "pattern" && schema.format))
    .map(([name, sentence]) => sentence.replace("%", () => String(schema[name])));
  if (schema.default !== undefined && schema.default !== null) own.push(`otherwise ${JSON.stringify(schema.default)}`);
  return own.join("; ");
}

function table(heads, rows) {
  const head = make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text)));
  const body = rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell))));
  return make("div", { class: "scroll" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)));
}

function named(name, isRequired) {
  const mark = isRequired ? make("span", { class: "must", title: "required", "aria-label": "required" }, " *") : null;
  return make("span", {}, make("code", {}, name), mark);
}

function meaning(described, schema) {
  const words = [described, limits(schema)].filter(Boolean).join(" — ");
  return make("span", {}, words);
}

/** The fields of an object as rows, those of objects inside it with their path. */
function fieldRows(schema, prefix = "", seen = []) {
  const whole = resolve(schema) || {};
  const inner = whole.type === "array" ? resolve(whole.items) || {} : whole;
  const required = inner.required || [];
  return Object.entries(inner.properties || {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const row = [named(path, required.includes(name)), kind(field), meaning(field.description, field)];
    const below = nested(field);
    return below && !seen.includes(below) ? [row, ...fieldRows({ $ref: below }, `${path}.`, [...seen, below])] : [row];
  });
}

function nested(field) {
  const options = [field, field.items, ...(field.anyOf || [])].filter(Boolean);
  return options.map((option) => option.$ref).find(Boolean);
}

function code(text, label) {
  const button = make("button", { type: "button", "aria-label": `Copy ${label}` }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  return make("div", { class: "code" }, make("pre", { tabindex: "0", "aria-label": label }, text), button);
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function parameterSample(parameter) {
  const schema = parameter.schema || {};
  return String((schema.examples || [])[0] ?? schema.default ?? `<${parameter.name}>`);
}

/** A command that would call the operation. */
function curl(method, path, operation, parameters) {
  const base = new URL(api.servers[0].url, new URL("openapi.json", location.href)).href.replace(/\/$/, "");
  const asked = parameters.filter((one) => one.in === "query" && one.required)
    .map((one) => `${one.name}=${encodeURIComponent(parameterSample(one))}`);
  const url = `${base}${path}${asked.length ? `?${asked.join("&")}` : ""}`;
  const lines = [`curl -X ${method.toUpperCase()} ${quoted(url)}`];
  for (const scheme of operation.security.flatMap(Object.keys)) {
    const known = api.components.securitySchemes[scheme];
    lines.push(`-H ${quoted(known.scheme === "bearer" ? "Authorization: Bearer <token>" : `${known.name}: <token>`)}`);
  }
  if (parameters.some((one) => one.name === "Idempotency-Key")) lines.push(`-H ${quoted("Idempotency-Key: <new text>")}`);
  const [type, media] = Object.entries(resolve(operation.requestBody)?.content || {})[0] || [];
  if (type) {
    lines.push(`-H ${quoted(`Content-Type: ${type}`)}`);
    if (media.example !== undefined) lines.push(`-d ${quoted(JSON.stringify(media.example, null, 2))}`);
  }
  return lines.join(" \\\n  ");
}

function bodyParts(title, content) {
  return Object.entries(content || {}).flatMap(([type, media]) => {
    const rows = media.schema ? fieldRows(media.schema) : [];
    return [
      make("h4", {}, `${title} `, make("code", {}, type), media.schema?.$ref ? ` ${nameOf(media.schema.$ref)}` : ""),
      rows.length ? table(["Field", "Kind", "Meaning"], rows) : null,
      media.example === undefined ? null : code(JSON.stringify(media.example, null, 2), `${title.toLowerCase()} example`),
    ];
  });
}

function answers(operation) {
  const rows = Object.entries(operation.responses).map(([status, response]) => {
    const known = resolve(response);
    const problems = Object.keys(known.content?.["application/problem+json"]?.examples || {});
    const links = problems.flatMap((slug, at) => [at ? ", " : "", make("a", { href: `#problem-${slug}` }, slug)]);
    return [make("code", {}, status), make("span", {}, known.description), make("span", {}, ...links)];
  });
  return table(["Status", "Meaning", "Problems"], rows);
}

const caller = (operation) => operation.security.flatMap(Object.keys).join(", ") || "no sign-in";

function drawOperation(method, path, operation) {
  const parameters = (operation.parameters || []).map(resolve);
  const parameterRows = parameters.map((one) => [
    named(one.name, one.required), one.in, kind(one.schema), meaning(one.description, one.schema || {}),
  ]);
  const good = Object.entries(operation.responses).find(([status]) => status.startsWith("2"));
  const inside = make("div", {},
    ...(operation.description || "").split("\n\n").map((paragraph) => make("p", {}, paragraph)),
    ...(parameterRows.length ? [make("h4", {}, "Parameters"), table(["Name", "In", "Kind", "Meaning"], parameterRows)] : []),
    ...bodyParts("Body", resolve(operation.requestBody)?.content),
    ...bodyParts("Answer", good && resolve(good[1]).content),
    make("h4", {}, "Answers"), answers(operation),
    make("h4", {}, "Example"), code(curl(method, path, operation, parameters), "example call"));
  return make("details", { class: "operation", id: operation.operationId },
    make("summary", {},
      make("span", { class: `method ${method}` }, method.toUpperCase()), make("code", { class: "path" }, path),
      make("span", { class: "who" }, caller(operation)), make("span", { class: "told" }, operation.summary)),
    inside);
}

function operations(tag) {
  return Object.entries(api.paths).flatMap(([path, item]) => METHODS.filter((method) => item[method]?.tags.includes(tag))
    .map((method) => ({ method, path, operation: item[method] })));
}

function drawGroup({ name, description }) {
  const found = operations(name);
  const links = found.map(({ operation }) => make("li", { "data-for": operation.operationId },
    make("a", { href: `#${operation.operationId}` }, operation.summary)));
  contents.append(make("h2", {}, name), make("ul", {}, ...links));
  const drawn = found.map(({ method, path, operation }) => drawOperation(method, path, operation));
  return make("section", { "aria-label": name }, make("h2", {}, name), make("p", { class: "about" }, description || ""), ...drawn);
}

function drawProblems() {
  const kinds = new Map();
  for (const response of Object.values(api.components.responses)) {
    for (const [slug, { value }] of Object.entries(response.content?.["application/problem+json"]?.examples || {})) {
      kinds.set(slug, value);
    }
  }
  const rows = [...kinds].sort(([one], [other]) => (one < other ? -1 : 1)).map(([slug, value]) => [
    make("code", { id: `problem-${slug}` }, slug), String(value.status), value.title, make("code", {}, value.type),
  ]);
  return make("section", { "aria-label": "Problems" }, make("h2", {}, "Problems"),
    table(["Slug", "Status", "Title", "Type"], rows));
}

function filter(text) {
  const wanted = text.trim().toLowerCase();
  for (const details of document.querySelectorAll("details.operation")) {
    const shown = details.querySelector("summary").textContent.toLowerCase().includes(wanted);
    details.hidden = !shown;
    contents.querySelector(`[data-for="${details.id}"]`).hidden = !shown;
  }
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
  target?.scrollIntoView();
}

function themed() {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const isDark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    button.setAttribute("aria-pressed", String(isDark()));
  });
}

async function draw() {
  const answer = await fetch("openapi.json", { credentials: "omit" });
  if (!answer.ok) throw new Error("unreadable");
  api = await answer.json();
  const groups = api.tags.map(drawGroup);
  main.replaceChildren(make("h1", {}, `${api.info.title} API`), make("p", { class: "about" }, api.info.description), ...groups, drawProblems());
  openTarget();
}

const search = document.getElementById("search");
search.addEventListener("input", () => filter(search.value));
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLInputElement;
  if (event.key === "/" && !typing) { event.preventDefault(); search.focus(); }
  if (event.key === "Escape" && typing) { search.value = ""; filter(""); search.blur(); }
});
addEventListener("hashchange", openTarget);
themed();
draw().catch(() => main.replaceChildren(make("p", { role: "alert" }, "The description could not be loaded. Please reload.")));
