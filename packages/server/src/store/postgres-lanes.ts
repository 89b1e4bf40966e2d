// Connections for transactions, one transaction at a time on each. The driver connects anew behind the back of whoever holds a
// connection that broke: a statement issued then would run outside its transaction, or bring the process down. So each lane
// is a driver of its own with one connection; once that breaks, its statements are refused and the lane is not used again.
import type postgres from "postgres";

export interface Lane {
  connection: postgres.ReservedSql;
  /** Of this lane, once it broke. */
  readonly error: Error | undefined;
  /** Settles as the statement does, or rejects as soon as the lane breaks: what is in flight then is never answered. */
  ask<Answer>(statement: () => PromiseLike<Answer>): Promise<Answer>;
}
export interface Lanes {
  /** Lends a lane for as long as `work` takes. */
  use<Answer>(work: (lane: Lane) => Promise<Answer>): Promise<Answer>;
  close(): Promise<void>;
}
type OpenLane = Lane & { driver: postgres.Sql };

export function openLanes(max: number, connect: (more: { max: 1; max_lifetime: null; onclose: () => void }) => postgres.Sql): Lanes {
  const free: OpenLane[] = [];
  const waiting: (() => void)[] = [];
  let lent = 0;

  async function take(): Promise<OpenLane> {
    while (lent >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    lent++;
    try {
      for (let lane = free.pop(); lane; lane = free.pop()) if (!lane.error) return lane;
      return await openLane(connect);
    } catch (error) {
      release();
      throw error;
    }
  }
  function release(): void {
    lent--;
    waiting.shift()?.();
  }
  return {
    use: async (work) => {
      const lane = await take();
      try {
        return await work(lane);
      } finally {
        if (!lane.error) free.push(lane);
        release();
      }
    },
    close: async () => {
      await Promise.all(
        free.splice(0).map(({ driver, connection }) => {
          connection.release();
          return driver.end({ timeout: 5 });
        }),
      );
    },
  };
}

async function openLane(connect: Parameters<typeof openLanes>[1]): Promise<OpenLane> {
  let error: Error | undefined;
  const breaking = new Set<(error: Error) => void>();
  const onclose = () => {
    error = Object.assign(new Error("The connection to Postgres broke."), { code: "CONNECTION_CLOSED" });
    for (const reject of breaking) reject(error);
    // Frees what the driver keeps for connecting anew.
    void driver.end({ timeout: 0 });
  };
  const driver = connect({ max: 1, max_lifetime: null, onclose });
  // Reserving is only answered on a connection that is open: until then the driver forgets who asked.
  await driver`select 1`;
  const connection = await driver.reserve();
  return {
    driver,
    connection,
    get error() {
      return error;
    },
    ask: (statement) =>
      new Promise((resolve, reject) => {
        if (error) return reject(error);
        breaking.add(reject);
        statement()
          .then(resolve, reject)
          .then(() => breaking.delete(reject));
      }),
  };
}
