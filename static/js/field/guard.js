// What may never be written down, checked on the phone before it is saved. The patterns come with the rule pack.
export function noteHits(text, patterns) {
  return (patterns ?? []).filter((each) => each.patterns.some((source) => new RegExp(source, "iu").test(text)));
}
