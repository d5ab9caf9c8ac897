import { divide, type ISection } from '../../src/panel/heights';

describe('the heights of the sections', () => {
  const clusters = { share: 5, least: 240 };
  const plots = { share: 4, least: 100 };
  const pool = { share: 2, least: 60 };
  const divided = (space: number, ...sections: ISection[]): number[] =>
    divide(sections, space).map(Math.round);

  it('are those of the contents if all fit; the last gets the rest', () => {
    expect(divided(600, { ...clusters, content: 200 }, { ...pool, content: 120 })).toEqual([
      200, 400
    ]);
  });

  it('leave to a long section what a short one does not need', () => {
    expect(divided(700, { ...clusters, content: 200 }, { ...plots, content: 1_000 })).toEqual([
      200, 500
    ]);
  });

  it('are in proportion to the shares if all are long', () => {
    const long = [clusters, plots].map(section => ({ ...section, content: 2_000 }));
    expect(divided(900, ...long)).toEqual([500, 400]);
  });

  it('have room for a card also where there is little', () => {
    const [first, ...others] = divided(
      400,
      { ...clusters, content: 220 },
      { ...pool, content: 300 },
      { ...plots, content: 900 }
    );
    expect(first).toBe(220);
    expect(others).toEqual([60, 120]);
  });

  it('have room for a card beside a long section that wants much', () => {
    const [first] = divided(
      390,
      { ...clusters, content: 200 },
      { share: 8, least: 360, content: 1_000 },
      { ...pool, content: 300 }
    );
    expect(first).toBe(200);
  });

  it('shrink together where there is too little for all', () => {
    const sections = [clusters, plots, pool].map(section => ({ ...section, content: 900 }));
    const small = divided(200, ...sections);
    expect(small).toEqual([120, 50, 30]);
  });

  it('waste nothing on a section that is empty', () => {
    const long = { ...clusters, content: 900 };
    expect(divided(200, long, { ...pool, content: 0 })).toEqual([200, 0]);
    expect(divided(200, long, { ...pool, content: 10 })).toEqual([190, 10]);
  });

  it.each([50, 300, 777])('fill all of %i pixels', space => {
    for (const content of [0, 10, 70, 500]) {
      const found = divide(
        [
          { ...clusters, content: 3 * content },
          { ...plots, content },
          { ...pool, content: 90 }
        ],
        space
      );
      expect(found.reduce((sum, height) => sum + height, 0)).toBeCloseTo(space, 6);
    }
  });
});
