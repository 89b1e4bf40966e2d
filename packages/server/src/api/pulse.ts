// One timer for everything that lives long and must be looked after from time to time. It runs only while there is something.

export interface Pulsed {
  beat(): void;
  /** The server stops: end, now. */
  end(): void;
}

export interface Pulse {
  /** Returns what takes the member out again. */
  add(member: Pulsed): () => void;
  /** Ends every member and takes no more. */
  close(): void;
}

export function openPulse(intervalMs: number): Pulse {
  const members = new Set<Pulsed>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const rest = () => {
    clearInterval(timer);
    timer = undefined;
  };
  const beat = () => {
    for (const member of members) member.beat();
  };
  return {
    add(member) {
      if (isClosed) {
        member.end();
        return () => undefined;
      }
      members.add(member);
      timer ??= setInterval(beat, intervalMs);
      return () => {
        members.delete(member);
        if (members.size === 0) rest();
      };
    },
    close() {
      isClosed = true;
      rest();
      for (const member of members) member.end();
      members.clear();
    },
  };
}
