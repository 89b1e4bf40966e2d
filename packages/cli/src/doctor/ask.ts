// One question over TCP and the first bytes of the answer.
import { connect } from "node:net";

export function ask(at: { host: string; port: number }, question: Buffer, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...at, timeout: timeoutMs }, () => socket.write(question));
    const end = (settle: () => void) => {
      socket.destroy();
      settle();
    };
    socket.once("data", (chunk) => end(() => resolve(chunk.toString("latin1"))));
    socket.once("timeout", () => end(() => reject(new Error(`no answer in ${timeoutMs} ms`))));
    socket.once("end", () => end(() => reject(new Error("the connection was closed without an answer"))));
    // Happy eyeballs reports several failures in one error without a message.
    socket.once("error", (error: NodeJS.ErrnoException) => end(() => reject(new Error(error.message || error.code || "failed", { cause: error }))));
  });
}
