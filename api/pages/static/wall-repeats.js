/** @typedef {import("./wall-state.js").Incident} Incident */
/** @typedef {import("./wall-state.js").KeptIncident} KeptIncident */
/** @typedef {{key: string, lead: Incident, newest: Incident, ongoing: Incident[], times: number, severity: string, isFresh: boolean}} Repeats incidents of one kind in one attempt: the lead is the one to look at first */

/** Milliseconds for which a new incident stands above all others. */
export const FRESH_MILLISECONDS = 60_000;

/** @type {Record<string, number>} */
const WEIGHT = { high: 3, medium: 2, low: 1 };

/** What happened several times in an attempt stands together. A new one lifts them all: new ones first, then those that go on, the most severe and newest of them first. @param {Iterable<KeptIncident>} kept @param {number} now @returns {Repeats[]} */
export function repeatsInOrder(kept, now) {
  /** @type {Map<string, KeptIncident[]>} */
  const together = new Map();
  for (const one of kept) {
    const key = `${one.incident.attempt_id}/${one.incident.kind}`;
    const known = together.get(key);
    if (known) known.push(one);
    else together.set(key, [one]);
  }
  return [...together].map(([key, members]) => ranked(key, members, now)).sort((left, right) => compare(left.rank, right.rank)).map(({ repeats }) => repeats);
}

/** @param {string} key @param {KeptIncident[]} members @param {number} now */
function ranked(key, members, now) {
  const ranks = members.map((one) => ({ incident: one.incident, rank: rankOf(one, now) })).sort((left, right) => compare(left.rank, right.rank));
  const incidents = ranks.map(({ incident }) => incident);
  const [isFresh] = ranks[0].rank;
  const newest = incidents.reduce((found, one) => (one.opened_at > found.opened_at ? one : found));
  const severity = incidents.reduce((found, one) => (weight(one.severity) > weight(found) ? one.severity : found), incidents[0].severity);
  const ongoing = incidents.filter(({ closed_at }) => closed_at === null);
  return {
    repeats: { key, lead: incidents[0], newest, ongoing, times: members.length, severity, isFresh: isFresh === 1 },
    rank: [isFresh, ongoing.length ? 1 : 0, weight(severity), Date.parse(newest.opened_at), newest.id],
  };
}

/** @param {KeptIncident} kept @param {number} now @returns {(number|string)[]} higher stands first */
function rankOf({ incident, freshSince }, now) {
  const isFresh = freshSince !== null && now - freshSince < FRESH_MILLISECONDS;
  return [isFresh ? 1 : 0, incident.closed_at === null ? 1 : 0, weight(incident.severity), Date.parse(incident.opened_at), incident.id];
}

/** @param {(number|string)[]} left @param {(number|string)[]} right */
function compare(left, right) {
  const at = left.findIndex((value, place) => value !== right[place]);
  if (at < 0) return 0;
  return right[at] > left[at] ? 1 : -1;
}

/** @param {string} severity */
function weight(severity) {
  return WEIGHT[severity] ?? 0;
}
