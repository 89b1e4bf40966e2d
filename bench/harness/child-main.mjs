// The entry of a measuring process: one message in, one measurement, one message out, the end.
const answer = (message) => process.send(message, () => process.exit(0));

// Whoever asked is gone: nobody would end this process or what it started.
process.once("disconnect", () => process.exit(1));
process.once("message", (asked) => void measure(asked));

async function measure({ file, verb, params }) {
  try {
    const module = await import(new URL(`../${file}`, import.meta.url).href);
    answer({ ok: true, result: await module[verb](params) });
  } catch (error) {
    answer({ ok: false, code: error.code, message: error.message, stack: error.stack ?? String(error) });
  }
}
