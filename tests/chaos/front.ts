// One address in front of the servers, as a load balancer gives it: each connection goes to a server that is up, and ends with it.
import { connect, createServer, type Socket } from "node:net";
import type { ServerProcess } from "./cluster.ts";
import type { Dice } from "./dice.ts";

export interface Front {
  url: string;
  close(): Promise<void>;
}

export async function openFront(servers: readonly ServerProcess[], dice: Dice): Promise<Front> {
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    const up = servers.filter((server) => server.isUp);
    if (up.length === 0) return socket.destroy();
    const behind = connect(dice.pick(up).port, "127.0.0.1");
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.pipe(other);
      // An error is followed by close, which ends both.
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
