// The scanner on small repositories. Sample secrets are put together here, so that this file holds none.
import { expect, test } from "vitest";
import { scanCode } from "./code-scanner.mjs";
import { makeRepository } from "./repository.fixture.ts";

const join = (...parts: string[]) => parts.join("");
const random = "q7Zp2Xv9Lr4Tn6Bw8Ks3Hd5Jf1Mg0CyQe7Ua"; // 36 characters
const secrets: Record<string, string> = {
  "AWS access key id": join("AK", "IAQ7ZP2XV3LR4TN6BW"),
  "GitHub token": join("gh", "p_", random),
  "GitLab token": join("gl", "pat-", random.slice(0, 20)),
  "Slack token": join("xo", "xb-", "2398475623-", random.slice(0, 20)),
  "Google API key": join("AI", "za", random.slice(0, 35)),
  "Stripe live key": join("sk", "_live_", random.slice(0, 24)),
  "npm token": join("np", "m_", random),
  "Azure storage key": join(random, random, random.slice(0, 14), "=="),
  "JSON web token": join("ey", "J", random.slice(0, 20), ".ey", "J", random.slice(0, 20), ".", random),
};

test.each(Object.entries(secrets))("a %s is found with its line and shown masked", async (rule, secret) => {
  const repository = makeRepository();
  repository.commit({ "src/settings.ts": `// settings\n\nconst value = "${rule.startsWith("Azure") ? "AccountKey=" : ""}${secret}";\n` });
  const found = await scanCode(repository.path);
  expect(found.secrets.items).toMatchObject([{ rule, path: "src/settings.ts", line: 3, place: "source" }]);
  expect(found.secrets.items[0]?.masked).toContain(`(${secret.length} characters)`);
  expect(JSON.stringify(found)).not.toContain(secret.slice(6));
});

test("a private key, a password in an address and a random value under a telling name are found and not shown", async () => {
  const repository = makeRepository();
  const body = `${random}${random}`;
  repository.commit({
    "key.txt": `${join("-----BEGIN RSA ", "PRIVATE KEY-----")}\n${body}\n${join("-----END RSA ", "PRIVATE KEY-----")}\n`,
    "db.py": `URL = "postgres://app:${random.slice(0, 14)}@db.internal/app"\nclient_secret = "${random}"\n`,
    ".env": `SESSION_SECRET=${random.slice(2)}\nDEBUG=true\n`,
  });
  const found = await scanCode(repository.path);
  expect(found.secrets.items.map(({ rule, path, line }) => `${rule} ${path}:${line}`).toSorted()).toEqual([
    "Password in an address db.py:1",
    "Private key key.txt:1",
    "Random value under a secret's name .env:1",
    "Random value under a secret's name db.py:2",
  ]);
  expect(found.riskyFiles).toEqual([".env"]);
  expect(JSON.stringify(found)).not.toContain(random.slice(2, 14));
});

test("samples, references and words are not taken for secrets", async () => {
  const repository = makeRepository();
  repository.commit({
    "a.ts": [
      `const key = "${join("AK", "IAIOSFODNN7EXAMPLE")}";`,
      "const token = process.env.API_TOKEN_1234567890;",
      'const password = "correct-horse-battery-staple";',
      'const apiKey = "your_api_key_goes_here_123456";',
      'const secret = "${config.secret.value_number_12}";',
      'const url = "https://user:password@example.org/";',
      'const header = "-----BEGIN PRIVATE KEY-----";',
      'const token = "xxxxxxxxxxxxxxxxxxxxxxxx1";',
    ].join("\n"),
    "b.yml": "password: ${{ secrets.DEPLOY_PASSWORD_1 }}\n",
  });
  expect((await scanCode(repository.path)).secrets.items).toEqual([]);
});

test("a secret in a test or in prose weighs less than one in the source", async () => {
  const repository = makeRepository();
  const line = `const token = "${secrets["GitHub token"]}";\n`;
  repository.commit({ "tests/a.test.ts": line, "README.md": line, "src/a.ts": line });
  const { items } = (await scanCode(repository.path)).secrets;
  expect(items.map(({ path, severity }) => [path, severity])).toEqual([
    ["src/a.ts", "high"],
    ["README.md", "low"],
    ["tests/a.test.ts", "low"],
  ]);
});

test("markers count in comments only, with the age and author of their line", async () => {
  const repository = makeRepository();
  repository.commit(
    { "a b\nc.ts": '// TODO: first\nconst TODO = "TODO list";\nrun(); // FIXME(ada) later\n' },
    { author: "Ada Lovelace", at: "2024-01-01T00:00:00Z" },
  );
  repository.commit(
    { "a b\nc.ts": '// TODO: first\nconst TODO = "TODO list";\nrun(); // FIXME(ada) later\n/* HACK around */\n' },
    { author: "Bob Babbage", at: "2026-01-01T00:00:00Z" },
  );
  const { markers } = await scanCode(repository.path, { now: Date.parse("2026-01-11T00:00:00Z") });
  expect(markers.items).toEqual([
    { tag: "TODO", path: "a b\nc.ts", line: 1, text: "TODO: first", place: "source", ageDays: 741, author: "Ada Lovelace" },
    { tag: "FIXME", path: "a b\nc.ts", line: 3, text: "FIXME(ada) later", place: "source", ageDays: 741, author: "Ada Lovelace" },
    { tag: "HACK", path: "a b\nc.ts", line: 4, text: "HACK around */", place: "source", ageDays: 10, author: "Bob Babbage" },
  ]);
});

test("a word in a sentence, a string or a name is no marker", async () => {
  const repository = makeRepository();
  repository.commit({
    "a.ts": '// Finds TODO, FIXME and HACK comments\nconst a = "TODO: x";\n// see the TODO: there\nconst TODO = 1;\n',
    "b.md": "A TODO here\nTODO: there\n",
  });
  const { items } = (await scanCode(repository.path)).markers;
  expect(items.map(({ path, line }) => `${path}:${line}`)).toEqual(["a.ts:3", "b.md:2"]);
});

test("a marker that is not committed yet has no age", async () => {
  const repository = makeRepository();
  repository.commit({ "a.ts": "let a;\n" });
  repository.write({ "a.ts": "let a;\n// TODO: new\n" });
  expect((await scanCode(repository.path)).markers.items).toMatchObject([{ line: 2, ageDays: null, author: null }]);
});

test("a secret inside a marker's text is masked there too", async () => {
  const repository = makeRepository();
  repository.commit({ "a.ts": `// TODO: replace ${secrets["GitHub token"]} soon\n` });
  const found = await scanCode(repository.path);
  expect(found.markers.items[0]?.text).toMatch(/^TODO: replace ghp_•+ \(40 characters\) soon$/);
  expect(JSON.stringify(found)).not.toContain(random.slice(0, 10));
});

test("vendored, generated, binary and skipped files are left out", async () => {
  const repository = makeRepository();
  const text = "// TODO: not ours\n";
  repository.commit({ "vendor/a.ts": text, "b.pb.go": text, "c.bin": Buffer.concat([Buffer.from(text), Buffer.alloc(1)]), "skip/d.ts": text, "e.ts": text });
  const found = await scanCode(repository.path, { skip: ["skip/"] });
  expect(found.markers.items.map(({ path }) => path)).toEqual(["e.ts"]);
});

test("a repository without commits is scanned as far as it is tracked", async () => {
  const repository = makeRepository();
  expect(await scanCode(repository.path)).toMatchObject({ head: null, filesScanned: 0, markers: { total: 0 }, secrets: { total: 0 } });
  repository.write({ "a.ts": "// TODO: staged\n" });
  repository.git("add", "a.ts");
  expect(await scanCode(repository.path)).toMatchObject({ filesScanned: 1, markers: { total: 1 } });
});
