// How far this phone's clock is from the server's, told at each contact; off by more than five minutes is unproven.
import { meta } from "./store.js";

const TOLERANCE_MS = 5 * 60 * 1000;

export async function contact(serverAt, askedAt, answeredAt = Date.now()) {
  const offset = Math.round(Date.parse(serverAt) - (askedAt + answeredAt) / 2);
  await meta("clock", { offset_ms: offset, contact_at: new Date(answeredAt).toISOString() });
}

export async function clockState() {
  const known = await meta("clock");
  return {
    offset_ms: known?.offset_ms ?? null,
    contact_at: known?.contact_at ?? null,
    proven: known !== null && Math.abs(known.offset_ms) <= TOLERANCE_MS,
  };
}
