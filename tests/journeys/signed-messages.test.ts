// Signed messages: by the agent that sends, verified at the door and again by whoever receives, with keys that change and keys that are stolen.
import { type Client, createClient, generateSigningKey, openSigner, type Signer, verifyMessage } from "@baton/client";
import type { DeliveredMessage, Message, SigningKey } from "@baton/contract";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { command, type Journey, startJourney } from "./world.fixture.ts";

const OPERATOR = "the-key-of-the-operator";
let journey: Journey;
let admin: Client;
let ann: Client;
let annId: string;
let bobId: string;
let signer: Signer;

const clientOf = async (agent: string): Promise<Client> =>
  createClient({ url: journey.url, apiKey: (await admin.createApiKey({ body: { name: `for ${agent}`, role: "agent", agent } })).key });
const findKey = async (id: string): Promise<SigningKey> => admin.getSigningKey({ params: { id } });
const take = async (name = "bob"): Promise<DeliveredMessage[]> => (await admin.receiveMessages({ params: { id: name } })).items;
const refused = (code = "forbidden") => expect.objectContaining({ code });

async function open(given = {}): Promise<void> {
  journey = await startJourney({ apiKeys: [OPERATOR], ...given });
  admin = journey.client;
  for (const name of ["ann", "bob"]) await admin.createAgent({ body: { name, connector: command } });
  [annId, bobId] = [(await admin.getAgent({ params: { id: "ann" } })).id, (await admin.getAgent({ params: { id: "bob" } })).id];
  ann = await clientOf("ann");
  const pair = await generateSigningKey();
  await ann.addSigningKey({ params: { id: "ann" }, body: { publicKey: pair.publicKey } });
  signer = await openSigner(pair.privateKey);
}

describe("a signed message", () => {
  beforeEach(() => open());

  test("arrives as it was signed, whoever it was named by, and whoever receives it can verify it", async () => {
    for (const recipientId of ["bob", bobId]) {
      await ann.sendMessage({ body: await signer.sign({ recipientId, payload: { b: [1, "żółć", null], a: 1e-7 }, metadata: { k: 1 }, priority: "high" }) });
      const [got] = await take();
      expect(got?.signature).toMatchObject({ keyId: signer.keyId, recipientId });
      expect(await verifyMessage(got as Message, { names: ["bob", bobId], findKey })).toEqual({ state: "verified", keyId: signer.keyId });
      expect(await verifyMessage(got as Message, { names: ["cid"], findKey })).toMatchObject({
        state: "refused",
        reason: expect.stringContaining("signed for"),
      });
      await admin.acknowledgeMessages({ params: { id: "bob" }, body: { done: [got?.id ?? ""] } });
    }
  });
  test("that was altered anywhere is refused at the door, and by who receives it", async () => {
    const signed = await signer.sign({ recipientId: "bob", payload: { pay: 1 }, messageType: "order" });
    const altered = [
      { payload: { pay: 2 } },
      { recipientId: "ann" },
      { recipientId: bobId },
      { messageType: "orders" },
      { priority: "low" as const },
      { id: "another" },
      { correlationId: "c" },
      { metadata: { a: 1 } },
      { sensitive: true },
      { replyTo: annId },
    ];
    for (const change of altered) await expect(ann.sendMessage({ body: { ...signed, ...change } })).rejects.toEqual(refused());
    await ann.sendMessage({ body: signed });
    const [got] = (await take()) as [DeliveredMessage];
    const options = { names: ["bob"], findKey };
    for (const change of [
      { payload: { pay: 2 } },
      { messageType: "orders" },
      { priority: "low" as const },
      { topic: "x" },
      { metadata: { a: 1 } },
      { senderId: bobId },
    ])
      expect(await verifyMessage({ ...got, ...change }, options)).toMatchObject({ state: "refused" });
    expect((await verifyMessage(got, options)).state).toBe("verified");
  });
  test("by somebody else's key, or by one nobody registered, is refused", async () => {
    const bob = await clientOf("bob");
    await expect(bob.sendMessage({ body: await signer.sign({ recipientId: "ann" }) })).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("no signing key of"),
    });
    const stranger = await openSigner((await generateSigningKey()).privateKey);
    await expect(ann.sendMessage({ body: await stranger.sign({ recipientId: "bob" }) })).rejects.toEqual(refused());
    await expect(admin.addSigningKey({ params: { id: "bob" }, body: { publicKey: signer.keyId } })).rejects.toEqual(refused("name_taken"));
  });
  test("said again is the same message, and is not delivered again; an old one is not taken", async () => {
    const signed = await signer.sign({ id: "once", recipientId: "bob", payload: 1 });
    await ann.sendMessage({ body: signed });
    const [got] = await take();
    await admin.acknowledgeMessages({ params: { id: "bob" }, body: { done: [got?.id ?? ""] } });
    expect(await ann.sendMessage({ body: signed })).toMatchObject({ id: "once", seq: got?.seq });
    expect(await ann.sendMessage({ body: await signer.sign({ id: "once", recipientId: "bob", payload: 1 }) })).toMatchObject({ seq: got?.seq });
    expect(await take()).toEqual([]);
    for (const signedAt of ["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
      await expect(
        ann.sendMessage({ body: { ...signed, signature: { ...(signed.signature as { keyId: string; value: string }), signedAt } } }),
      ).rejects.toEqual(refused("bad_input"));
  });
  test("needs an id, and names replyTo by id", async () => {
    const { id: _, ...signed } = await signer.sign({ recipientId: "bob" });
    await expect(ann.sendMessage({ body: signed })).rejects.toEqual(refused("bad_input"));
    await expect(ann.sendMessage({ body: await signer.sign({ recipientId: "bob", replyTo: "ann" }) })).rejects.toMatchObject({
      message: expect.stringContaining(annId),
    });
  });
  test("that is sensitive does not let its payload be guessed by its signature", async () => {
    await ann.sendMessage({ body: await signer.sign({ recipientId: "bob", payload: "1234", sensitive: true }) });
    expect((await admin.listMessages({})).items).toMatchObject([{ payload: null, signature: null }]);
    expect((await verifyMessage((await take())[0] as Message, { names: ["bob"], findKey })).state).toBe("verified");
  });
});

describe("keys of an agent", () => {
  beforeEach(() => open());

  test("change without a gap: what the old one signed before is verified, and nothing after", async () => {
    await ann.sendMessage({ body: await signer.sign({ recipientId: "bob", payload: "before" }) });
    const pair = await generateSigningKey();
    await ann.addSigningKey({ params: { id: "ann" }, body: { publicKey: pair.publicKey, endorsement: await signer.endorse(annId, pair.publicKey) } });
    const next = await openSigner(pair.privateKey);
    await ann.sendMessage({ body: await next.sign({ recipientId: "bob", payload: "after" }) });
    await ann.retireSigningKey({ params: { id: "ann", keyId: signer.keyId } });
    await expect(ann.sendMessage({ body: await signer.sign({ recipientId: "bob" }) })).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("retired"),
    });
    const got = await take();
    expect(got.map(({ payload }) => payload)).toEqual(["before", "after"]);
    for (const message of got) expect((await verifyMessage(message, { names: ["bob"], findKey })).state).toBe("verified");
    const late = { ...(got[0] as Message), createdAt: new Date(Date.now() + 60_000).toISOString() };
    expect(await verifyMessage(late, { names: ["bob"], findKey })).toMatchObject({ state: "refused" });
    expect((await admin.getSigning({ params: { id: "ann" } })).keys.map(({ id, retiredAt }) => [id, retiredAt === null])).toEqual([
      [signer.keyId, false],
      [next.keyId, true],
    ]);
  });
  test("a further one takes an endorsement or who may manage agents; another agent's are not its own", async () => {
    const { publicKey } = await generateSigningKey();
    const body = { publicKey };
    await expect(ann.addSigningKey({ params: { id: "ann" }, body })).rejects.toEqual(refused());
    const wrong = { keyId: signer.keyId, value: (await signer.endorse(bobId, publicKey)).value };
    await expect(ann.addSigningKey({ params: { id: "ann" }, body: { publicKey, endorsement: wrong } })).rejects.toEqual(refused());
    const bob = await clientOf("bob");
    await expect(bob.addSigningKey({ params: { id: "ann" }, body })).rejects.toEqual(refused());
    await expect(bob.retireSigningKey({ params: { id: "ann", keyId: signer.keyId } })).rejects.toEqual(refused());
    await expect(ann.setSigning({ params: { id: "ann" }, body: { required: false } })).rejects.toEqual(refused());
    expect(await admin.addSigningKey({ params: { id: "ann" }, body })).toMatchObject({ agentId: annId, retiredAt: null });
  });
  test("one that was stolen is removed: nothing is verified by it any more", async () => {
    await ann.sendMessage({ body: await signer.sign({ recipientId: "bob" }) });
    await admin.removeSigningKey({ params: { id: "ann", keyId: signer.keyId } });
    await expect(ann.sendMessage({ body: await signer.sign({ recipientId: "bob" }) })).rejects.toEqual(refused());
    const gone = (id: string) => admin.getSigningKey({ params: { id } }).catch(() => undefined);
    expect(await verifyMessage((await take())[0] as Message, { names: ["bob"], findKey: gone })).toMatchObject({ state: "refused" });
  });
  test("pinned by the receiver, no other is believed, whatever the server says", async () => {
    await ann.sendMessage({ body: await signer.sign({ recipientId: "bob" }) });
    const [got] = (await take()) as [DeliveredMessage];
    const nobody = async (): Promise<undefined> => undefined;
    expect((await verifyMessage(got, { findKey: nobody, trusted: { [annId]: [signer.keyId] } })).state).toBe("verified");
    expect((await verifyMessage(got, { findKey, trusted: { [annId]: ["A".repeat(43)] } })).state).toBe("refused");
  });
});

describe("where messages must be signed", () => {
  test("an agent that must is refused without a signature, others are not", async () => {
    await open();
    await admin.setSigning({ params: { id: "ann" }, body: { required: true } });
    await expect(ann.sendMessage({ body: { recipientId: "bob" } })).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("must be signed"),
    });
    await ann.sendMessage({ body: await signer.sign({ recipientId: "bob" }) });
    await (await clientOf("bob")).sendMessage({ body: { recipientId: "ann" } });
    await admin.setSigning({ params: { id: "ann" }, body: { required: false } });
    await ann.sendMessage({ body: { recipientId: "bob" } });
  });
  test("by a setting, every agent must, and people need not", async () => {
    await open({ requireSignatures: true });
    await expect(ann.sendMessage({ body: { recipientId: "bob" } })).rejects.toEqual(refused());
    await ann.sendMessage({ body: await signer.sign({ recipientId: "bob" }) });
    await admin.sendMessage({ body: { recipientId: "bob" } });
  });
  test("a dial-in agent signs what it sends, and is told only what it can verify", async () => {
    await open();
    const pair = await generateSigningKey();
    const got: unknown[] = [];
    const eve = await journey.dialIn(
      { name: "eve", capabilities: [], signingKey: pair.privateKey, verify: { required: true }, onMessage: ({ payload }) => got.push(payload) },
      () => null,
    );
    await admin.addSigningKey({ params: { id: "eve" }, body: { publicKey: pair.publicKey } });
    const sent = await eve.send({ recipientId: "bob", payload: "of eve" });
    expect(sent.signature).toMatchObject({ keyId: pair.publicKey });
    expect((await verifyMessage((await take())[0] as Message, { names: ["bob"], findKey })).state).toBe("verified");
    const bare = await ann.sendMessage({ body: { recipientId: "eve", payload: "bare" } });
    await ann.sendMessage({ body: await signer.sign({ recipientId: "eve", payload: "signed" }) });
    await expect.poll(() => got, { timeout: 20_000 }).toEqual(["signed"]);
    await expect
      .poll(async () => (await admin.listDeadLetters({})).items, { timeout: 20_000 })
      .toMatchObject([{ id: bare.id, delivery: { reason: expect.stringContaining("not signed") } }]);
  });
});
test("a stage of the server that would change a signed message refuses it", async () => {
  const directory = mkdtempSync(join(tmpdir(), "baton-stages-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const messageStagesFile = join(directory, "stages.mjs");
  writeFileSync(messageStagesFile, `export default [{ name: "stamp", pass: ({ metadata }) => ({ metadata: { ...metadata, stamped: true } }) }];`);
  await open({ messageStagesFile });
  await expect(ann.sendMessage({ body: await signer.sign({ recipientId: "bob" }) })).rejects.toMatchObject({
    code: "forbidden",
    message: expect.stringContaining("stamp"),
  });
  expect(await ann.sendMessage({ body: { recipientId: "bob" } })).toMatchObject({ metadata: { stamped: true } });
});
