import { ServerAway } from '../../src/api';
import { Reasons } from '../../src/model/reasons';
import { cluster, HoldsAnswersBack, settle } from '../support';

const WHY = { summary: 'all busy', reasons: [], waiting: 5, held: 0, now: 0, ever: 9, sites: [] };

describe('Reasons', () => {
  let api: HoldsAnswersBack;
  let reasons: Reasons;
  let changes: number;
  const waiting = cluster({ counts: { idle: 5 } });

  beforeEach(() => {
    jest.useFakeTimers();
    api = new HoldsAnswersBack();
    changes = 0;
    reasons = new Reasons({
      ask: name => api.explain(name),
      changed: () => {
        changes += 1;
        reasons.follow([waiting]);
      }
    });
  });

  afterEach(() => {
    reasons.dispose();
    jest.useRealTimers();
  });

  const pass = async (milliseconds: number): Promise<void> => {
    await jest.advanceTimersByTimeAsync(milliseconds);
    await settle();
  };

  it('explains nothing where no worker waits', async () => {
    reasons.follow([cluster(), cluster({ id: 2, state: 'pending', counts: { idle: 5 } })]);
    await pass(60_000);
    expect(api.asked).toEqual([]);
  });

  it('asks once the numbers have settled, then every 15 s', async () => {
    reasons.follow([waiting]);
    await pass(1_900);
    expect(api.asked).toEqual([]);
    await pass(200);
    expect(api.asked).toEqual(['explain dimuon']);
    await pass(60_000);
    expect(api.asked).toHaveLength(1);
    await api.answer('explain', WHY);
    expect(reasons.of(1)).toBe(WHY);
    expect(changes).toBe(1);
    await pass(0);
    expect(api.asked).toHaveLength(2);
  });

  it('asks soon after the numbers have changed', async () => {
    reasons.follow([waiting]);
    await pass(2_100);
    await api.answer('explain', WHY);
    reasons.follow([cluster({ counts: { idle: 4 } })]);
    await pass(2_100);
    expect(api.asked).toHaveLength(2);
  });

  it('forgets what needs no reason any more', async () => {
    reasons.follow([waiting]);
    await pass(2_100);
    await api.answer('explain', WHY);
    reasons.follow([cluster()]);
    expect(reasons.of(1)).toBeNull();
    await pass(60_000);
    expect(api.asked).toHaveLength(1);
  });

  it('tells nothing rather than something old, and goes on', async () => {
    reasons.follow([waiting]);
    await pass(2_100);
    await api.refuse('explain', new ServerAway('away'));
    expect(reasons.of(1)).toBeNull();
    await pass(15_100);
    expect(api.asked).toHaveLength(2);
  });
});
