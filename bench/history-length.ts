/** How long the history of a show is, and of one that lasts ten times as long. */
import { openStand, printRows, rounded, showOf, until } from './stand.ts';

const stand = await openStand({ timeScale: 0.02 });
try {
  const rows = await Promise.all([4, 40].map((seconds) => lengthOf(seconds)));
  const [short, long] = rows;
  printRows('history-length', rows, {
    'events, ten times as long': rounded((long?.events ?? 0) / (short?.events ?? 1)),
  });
} finally {
  await stand.close();
}

async function lengthOf(seconds: number) {
  const plan = showOf({ duration: `${seconds}s` });
  await stand.showcaller.start(plan);
  const name = `sc-${plan.eventId}`;
  await until(() => stand.vendor.channels.get(name)?.open === true);
  stand.vendor.connect(name);
  await stand.showcaller.result(plan.eventId);
  const { events } = await stand.client.workflow.getHandle(`live-event/${plan.eventId}`).fetchHistory();
  return {
    'show, s': seconds,
    events: events?.length ?? 0,
    'looks at the vendor': stand.vendor.count('observe', name),
  };
}
