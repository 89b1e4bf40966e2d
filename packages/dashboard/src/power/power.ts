// Power-user mode: what lies behind the page stands beside it. Remembered by this browser.
import { createObservable, useObservable } from "../std/observable.ts";

const KEY = "baton-power";
const power = createObservable(localStorage.getItem(KEY) === "on");

export const usePower = (): boolean => useObservable(power);
export function setPower(isOn: boolean): void {
  if (isOn) localStorage.setItem(KEY, "on");
  else localStorage.removeItem(KEY);
  power.set(isOn);
}
