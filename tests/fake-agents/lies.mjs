// What agents for tests tell of tokens and money that cannot be, by the word after `lie`. What is told last is of all of the work, like what comes before it.
export const lies = {
  negative: [{ input: -5, output: -1, money: -0.5 }],
  fractional: [{ input: 10.5, output: 0.1, money: -0.001 }],
  absurd: [{ input: 1e300, output: 9e15, money: 1e300 }],
  words: [{ input: "many", output: [1], money: "much" }],
  falling: [
    { input: 1000, output: 100, money: 5 },
    { input: 3, output: 2, money: 1 },
  ],
};
/** @param {string | undefined} form */
export const toldBy = (form) => lies[form] ?? lies.negative;

/** 256 MiB in pieces of 64 KiB. `write` as of a stream: false when it is full. */
export function makeNoise(stream, piece, done) {
  let left = 256 * 1024 * 1024;
  const write = () => {
    while (left > 0 && !stream.destroyed) {
      left -= piece.length;
      if (!stream.write(piece)) return stream.once("drain", write);
    }
    if (!stream.destroyed) done();
    return undefined;
  };
  write();
}
