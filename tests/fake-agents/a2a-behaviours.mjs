// What the fake A2A agent does with a piece of work, by the first word of its text. A behaviour gets the task and tells of it through it.
import { makeNoise, toldBy } from "./lies.mjs";

const text = (value) => [{ text: value }];
const answer = (task, value) => {
  task.artifact({ id: "answer", name: "answer", parts: text(value) });
  task.status("completed");
};

/** Below the protocol: what is written to the connection itself. */
export const broken = {
  die: (response, streams) => {
    response.writeHead(200, { "content-type": streams ? "text/event-stream" : "application/json", ...(streams ? {} : { "content-length": 1000 }) });
    response.write('data: {"jsonrpc":"2.0","re', () => response.socket.resetAndDestroy());
  },
  half: (response, streams) => {
    response.writeHead(200, { "content-type": streams ? "text/event-stream" : "application/json" });
    response.end(streams ? 'data: {"jsonrpc":"2.0","result":{"ta\n\n' : '{"jsonrpc":"2.0","result":{"ta');
  },
  deep: (response, streams, id) => {
    const nested = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const body = `{"jsonrpc":"2.0","id":${id},"result":{"message":{"messageId":"m","role":"ROLE_AGENT","parts":[{"data":${nested}}]}}}`;
    response.writeHead(200, { "content-type": streams ? "text/event-stream" : "application/json" });
    response.end(streams ? `data: ${body}\n\n` : body);
  },
  flood: (response, streams, _, toEvent) => {
    const block = "x".repeat(64 * 1024);
    const piece = { artifact: { id: "a", parts: text(block) }, append: true };
    endless(response, streams, streams ? `data: ${JSON.stringify(toEvent(piece))}\n\n` : block);
  },
  noise: (response, streams, _, toEvent) => {
    response.writeHead(200, { "content-type": streams ? "text/event-stream" : "application/json" });
    const heard = toEvent?.({ message: { messageId: "m", parts: text("heard") } });
    makeNoise(response, streams ? `: ${"x".repeat(64 * 1024)}\n\n` : " ".repeat(64 * 1024), () =>
      response.end(streams ? `data: ${JSON.stringify(heard)}\n\n` : "{}"),
    );
  },
  line: (response) => endless(response, true, "x".repeat(64 * 1024), "data: "),
  html: (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>Please log in</html>"),
  redirect: (response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
  busy: (response) => response.writeHead(429, { "retry-after": "7" }).end("slow down"),
  away: (response) => response.writeHead(503, { "retry-after": "Fri, 31 Dec 2100 00:00:00 GMT" }).end("back soon"),
  refuse: (response) => response.writeHead(401, { "content-type": "application/json" }).end('{"message":"who are you?"}'),
};
function endless(response, streams, piece, first = '{"jsonrpc":"2.0","result":"') {
  response.writeHead(200, { "content-type": streams ? "text/event-stream" : "application/json" });
  if (!streams || first === "data: ") response.write(first);
  const write = () => {
    while (!response.destroyed && response.write(piece));
    if (!response.destroyed) response.once("drain", write);
  };
  write();
}

export const behaviours = {
  echo: (task, { description }) => answer(task, description),
  reveal: (task, { message, headers }) => {
    task.artifact({ id: "seen", name: "seen", parts: [{ data: { message, headers } }] });
    task.status("completed");
  },
  progress: (task) => {
    task.status("working", "half way", { progress: 0.5 });
    const end = () => task.status("completed", "whole way");
    if (task.isStreamed()) return end();
    let looks = 0;
    task.onLook = () => ++looks === 2 && end();
  },
  fail: (task) => task.status("failed", "I cannot do that"),
  reject: (task) => task.status("rejected", "Not my trade"),
  giveup: (task) => task.status("canceled"),
  hang: (task) => task.status("working"),
  nul: (task) => answer(task, "a\u0000b"),
  twice: (task) => {
    answer(task, "first");
    task.force(() => answer(task, "other"));
  },
  disorder: (task) => {
    task.artifact({ id: "early", name: "early", parts: text("before") });
    task.status("completed");
    task.force(() => task.status("working", "still at it"));
    task.force(() => task.status("failed", "no, wait"));
  },
  message: (task, { description }) => task.reply({ messageId: "answer", parts: text(`You said ${description}`) }),
  done: (task) => task.status("completed", "Done, nothing to show."),
  chunks: (task) => {
    for (const [at, piece] of ["one ", "two ", "three"].entries())
      task.artifact({ id: "poem", name: "poem", parts: text(piece) }, { append: at > 0, lastChunk: at === 2 });
    task.status("completed", "That was the poem.");
  },
  files: (task) => {
    const parts = [
      { text: "see the files" },
      { bytes: Buffer.from("a,b\n1,2\n"), name: "table.csv", type: "text/csv" },
      { bytes: Buffer.from([0xff, 0xd8, 0xff, 0]), name: "photo.jpg", type: "image/jpeg" },
      { url: "http://127.0.0.1:1/secret", name: "far.bin", type: "application/zip" },
    ];
    task.artifact({ id: "bundle", name: "bundle", description: "All of it", parts });
    task.artifact({ id: "numbers", name: "numbers", parts: [{ data: { total: 3 } }] });
    task.status("completed", "Here they are.");
  },
  usage: (task) => {
    task.metadata = { usage: { inputTokens: 14, outputTokens: 8 } };
    task.snapshot();
    answer(task, "counted");
  },
  lie: (task, { description }) => {
    for (const { input, output } of toldBy(description.split(" ")[1])) {
      task.metadata = { usage: { inputTokens: input, outputTokens: output } };
      task.snapshot();
    }
    answer(task, "told");
  },
  ask: (task) => task.status("input", "Which colour?"),
  nag: (task) => task.status("input", "Are we there yet?"),
  login: (task) => task.status("auth", "Log in to the archive."),
  // The stream breaks; the task goes on, and ends when somebody looks again.
  break: (task) => {
    task.artifact({ id: "parts", name: "parts", parts: text("one ") });
    task.cut();
    task.onLook = () => {
      task.artifact({ id: "parts", name: "parts", parts: text("two") }, { append: true });
      task.status("completed");
    };
  },
  // Likewise, and cannot be taken up again.
  stray: (task) => {
    task.noResume = true;
    behaviours.break(task);
  },
  // Likewise, and the agent forgets it.
  lose: (task) => {
    task.cut();
    task.forget();
  },
  // Ends after so many looks.
  slow: (task, { description }) => {
    task.status("working");
    let looks = Number(description.split(" ")[1]);
    task.onLook = () => --looks <= 0 && answer(task, "at last");
  },
  // Ends by itself a little later, and tells whoever asked to be told.
  later: (task) => {
    task.status("working");
    setTimeout(() => {
      answer(task, "later");
      task.push();
    }, 100);
  },
};

/** What a person's answer does to a task that waited for it. */
export const answers = {
  ask: (task, { description }) => answer(task, `colour: ${description}`),
  nag: (task) => task.status("input", "Are we there yet?"),
  login: (task, { description }) => answer(task, `in: ${description}`),
};
