import { ApiError, ServerAway } from '../../src/api';
import { FacilityModel } from '../../src/model/facility';
import { Feed } from '../../src/model/feed';
import { example, HoldsAnswersBack, pool, root } from '../support';

describe('FacilityModel', () => {
  let api: HoldsAnswersBack;
  let feed: Feed;
  let facility: FacilityModel;
  let changes: number;

  beforeEach(() => {
    api = new HoldsAnswersBack();
    feed = new Feed(api);
    facility = new FacilityModel(api, feed);
    changes = 0;
    facility.changed.connect(() => {
      changes += 1;
    });
  });

  afterEach(() => {
    feed.dispose();
    facility.dispose();
  });

  it('knows the pool from the events, and asks for nothing', () => {
    const watch = feed.watch();
    expect(facility.pool).toBeNull();
    api.tellAll([]);
    expect(facility.pool).toEqual(pool());
    api.tell({ type: 'pool', id: null, data: pool({ cores: 8 }) });
    expect(facility.pool?.cores).toBe(8);
    expect(changes).toBe(2);
    expect(api.asked).toEqual(['listen']);
    watch.dispose();
  });

  it('keeps the pool when a snapshot does not know it', () => {
    const watch = feed.watch();
    api.tellAll([]);
    api.tell({
      type: 'snapshot',
      id: null,
      data: { clusters: [], explanations: {}, runs: [], pool: null, health: null }
    });
    expect(facility.pool).toEqual(pool());
    watch.dispose();
  });

  it('asks for the examples, and says why it has none', async () => {
    let done = facility.loadExamples();
    await api.refuse('examples', new ServerAway('away'));
    await done;
    expect(facility.examplesTrouble).toBeInstanceOf(ServerAway);
    done = facility.loadExamples();
    await api.answer('examples', [example()]);
    await done;
    expect(facility.examples).toEqual([example()]);
    expect(facility.examplesTrouble).toBeNull();
    expect(changes).toBe(2);
  });

  it('passes on questions and their answers', async () => {
    const about = facility.about();
    await api.answer('root', root());
    expect(await about).toEqual(root());
    const match = facility.match({ cores: 2 });
    const refused = expect(match).rejects.toThrow('no');
    await api.refuse('match {"cores":2}', new ApiError('no'));
    await refused;
    const opened = facility.openExample('a');
    await api.answer('openExample a', 'a.ipynb');
    expect(await opened).toBe('a.ipynb');
    expect(facility.url('x/y')).toBe('/x/y');
  });
});
