// The entry of a measuring process: one message in, one measurement, one message out; it ends when whoever asked lets go.
process.once("disconnect", () => process.exit(0));
process.once("message", (asked) => void measure(asked));

async function measure({ file, verb, params }) {
  try {
    const module = await import(new URL(`../${file}`, import.meta.url).href);
    process.send({ ok: true, result: await module[verb](params) });
  } catch (error) {
    process.send({ ok: false, code: error.code, message: error.message, stack: error.stack ?? String(error) });
  }
}
