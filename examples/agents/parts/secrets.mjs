// What a secret looks like, and how one is shown: never whole. Well-known key formats, private keys, passwords in addresses,
// and assignments of random-looking text to names that say "secret".

/** @typedef {{ rule: string, severity: "high" | "medium", masked: string, at: number, length: number }} Secret `at` and `length`: where in the text the value is */

const MOST_PER_TEXT = 1000;
/**
 * Group 1 is the secret itself. Whatever may start inside its own match has an upper length: a hostile file must not cost more
 * than its size times a constant.
 * @type {readonly [rule: string, severity: "high" | "medium", pattern: RegExp][]}
 */
const formats = [
  ["AWS access key id", "high", /\b((?:AKIA|ASIA)[A-Z2-7]{16})\b/g],
  ["AWS secret access key", "high", /aws[_-]?(?:secret)?[_-]?(?:access)?[_-]?key["']?\s{0,4}[:=]\s{0,4}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi],
  ["GitHub token", "high", /\b(gh[pousr]_[A-Za-z0-9]{36,255})\b/g],
  ["GitHub fine-grained token", "high", /\b(github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b/g],
  ["GitLab token", "high", /\b(glpat-[\w-]{20,})/g],
  ["Slack token", "high", /\b(xox[abeoprs]-[A-Za-z0-9-]{20,})/g],
  ["Slack webhook", "high", /(https:\/\/hooks\.slack\.com\/services\/T\w{6,}\/B\w{6,}\/\w{20,})/g],
  ["Google API key", "high", /\b(AIza[\w-]{35})(?![\w-])/g],
  ["Google OAuth secret", "high", /\b(GOCSPX-[\w-]{28})(?![\w-])/g],
  ["Stripe live key", "high", /\b([rs]k_live_[A-Za-z0-9]{20,})\b/g],
  ["npm token", "high", /\b(npm_[A-Za-z0-9]{36})\b/g],
  ["PyPI token", "high", /\b(pypi-AgE[\w-]{50,})/g],
  ["OpenAI key", "high", /\b(sk-(?:proj-|svcacct-)?[\w-]{20,90}T3BlbkFJ[\w-]{20,90})/g],
  ["Anthropic key", "high", /\b(sk-ant-[a-z]{3,6}\d\d-[\w-]{80,})/g],
  ["Hugging Face token", "high", /\b(hf_[A-Za-z]{34})\b/g],
  ["SendGrid key", "high", /\b(SG\.[\w-]{22}\.[\w-]{43})(?![\w-])/g],
  ["Azure storage key", "high", /AccountKey=([A-Za-z0-9+/]{86}==)/g],
  ["DigitalOcean token", "high", /\b(do[opr]_v1_[a-f0-9]{64})\b/g],
  [
    "Private key",
    "high",
    /-----BEGIN (?:(?:RSA|DSA|EC|OPENSSH|ENCRYPTED|PGP) )?PRIVATE KEY(?: BLOCK)?-----((?:\s|\\[nr]){0,8}(?:[\w-]{1,40}:[^\n]{0,200}\n\s{0,4}){0,8}[A-Za-z0-9+/=]{40,200})/g,
  ],
  ["JSON web token", "medium", /\b(eyJ[\w-]{15,300}\.eyJ[\w-]{15,3000}\.[\w-]{20,1000})/g],
  ["Password in an address", "medium", /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'`<>{}$]{1,100}:([^\s/:@"'`<>{}$]{4,200})@[\w[]/gi],
];
const assignment =
  /(?:secret|token|passw(?:or)?d|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|auth[_-]?key)["']?\]?\s{0,8}(?::=|=>|[:=])\s{0,8}(["'`])([^"'`\s]{16,200})\1/gi;
const bareAssignment =
  /^[ \t]*(?:export[ \t]+)?[A-Z0-9_]{0,60}(?:SECRET|TOKEN|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|PRIVATE_KEY)[A-Z0-9_]{0,60}[ \t]{0,8}=[ \t]{0,8}([^\s"'`#;]{16,200})[ \t]*$/gm;
const placeholder =
  /example|sample|dummy|placeholder|change.?me|your[_-]|my[_-]|xxx|test|fake|insert|redacted|todo|\*{3}|\.{3}|<|>|\$[{(]|\{\{|%\(|process\.env|os\.environ|getenv|secrets?\.|^(.)\1+$|(.)\2{5}|12345|abcdef/i;
/** Formats a random run of letters would not have by chance are only doubted when they say so themselves. */
const sample = /EXAMPLE|(.)\1{7}|^.{0,8}X{6}/i;

/**
 * @param {string} text
 * @returns {Secret[]} in the order of the text, each place once
 */
export function findSecrets(text) {
  /** @type {Secret[]} */
  const found = [];
  const add = (
    /** @type {string} */ rule,
    /** @type {Secret["severity"]} */ severity,
    /** @type {RegExpExecArray} */ match,
    /** @type {string} */ value,
    /** @type {number} */ shown,
  ) => {
    if (found.length >= MOST_PER_TEXT) return;
    const at = match.index + match[0].lastIndexOf(value);
    if (!found.some((other) => at < other.at + other.length && other.at < at + value.length))
      found.push({ rule, severity, masked: mask(value, shown), at, length: value.length });
  };
  for (const [rule, severity, pattern] of formats) {
    for (const match of text.matchAll(pattern)) {
      const value = match[1] ?? "";
      const isPassword = rule === "Password in an address";
      if (isPassword ? !isPlaceholderPassword(value) : !sample.test(value))
        add(rule, severity, match, value, isPassword || rule === "Private key" || (rule.startsWith("A") && rule.endsWith("access key")) ? 0 : 4);
    }
  }
  for (const [pattern, group] of /** @type {const} */ ([
    [assignment, 2],
    [bareAssignment, 1],
  ])) {
    for (const match of text.matchAll(pattern)) {
      const value = match[group] ?? "";
      if (looksRandom(value)) add("Random value under a secret's name", "medium", match, value, 0);
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

/** The text with every secret in it masked. @param {string} text */
export function withoutSecrets(text) {
  let rest = text;
  for (const { at, length, masked } of findSecrets(text).reverse()) rest = rest.slice(0, at) + masked + rest.slice(at + length);
  return rest;
}

/** At most the public prefix of a format is shown. @param {string} value @param {number} shown */
const mask = (value, shown) => `${value.slice(0, shown)}${"•".repeat(6)} (${value.length} characters)`;
/** @param {string} value */
const isPlaceholderPassword = (value) => /^(pass(word)?|secret|pw|pwd|user|admin|root|postgres|guest|token|\*+|x+)$/i.test(value) || placeholder.test(value);

/** @param {string} value */
function looksRandom(value) {
  if (placeholder.test(value) || /^[a-z]+([-_. /:][a-z]+)*$/i.test(value) || /^(https?:|\/|\.\/|[a-z]+\()/i.test(value)) return false;
  return /\d/.test(value) && /[a-z]/i.test(value) && entropy(value) >= 3.5;
}

/** Bits per character. @param {string} text */
function entropy(text) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0);
}
