// One measurement that may not be possible here: its figures, or a gap that says why there are none.
import { NotHere } from "./child.mjs";
import { gap } from "./figures.mjs";

export async function figuresOrGap(lab, labels, measure) {
  lab.say(labels.label);
  try {
    return await measure();
  } catch (error) {
    lab.signal.throwIfAborted();
    return [gap(error instanceof NotHere ? { ...labels, absent: error.message } : { ...labels, failure: error.message })];
  }
}
