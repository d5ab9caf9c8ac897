import { CommandRegistry } from '@lumino/commands';
import type { Menu } from '@lumino/widgets';

import { ApiError } from '../../src/api';
import { menuCommands, openCardMenu } from '../../src/clusters/cardmenu';
import { allThatIsFree, openQuickChoices } from '../../src/clusters/quickchoices';
import { CommandIDs } from '../../src/tokens';
import { cluster, entry, explanation, find, root, SetFacility, until } from '../support';
import { trans } from './support';

const labels = (): string[] =>
  [...document.querySelectorAll('.lm-Menu-itemLabel')].map(node => node.textContent);
/** Choose an item as the key Enter does. */
const choose = (menu: Menu, label: string): void => {
  menu.activeIndex = menu.items.findIndex(item => item.label.includes(label));
  menu.triggerActiveItem();
};

describe('the menus of a card', () => {
  let button: HTMLElement;
  let facility: SetFacility;
  let menu: Menu | null;
  const change = jest.fn();

  beforeEach(() => {
    change.mockClear();
    menu = null;
    facility = new SetFacility();
    button = document.body.appendChild(document.createElement('button'));
  });

  afterEach(async () => {
    menu?.close();
    await until('no menu', () => !document.querySelector('.lm-Menu'));
    button.remove();
  });

  const open = (): Menu => {
    const described = entry({ workers: 4, counts: { connected: 2, starting: 1 } });
    menu = openQuickChoices({ entry: described, facility, change, trans }, button);
    return menu;
  };

  it('counts what the cluster has, and what there is room for', () => {
    const taken = cluster({ cores: 4, counts: { connected: 8, starting: 4, waiting: 9 } });
    expect(allThatIsFree(taken, { now: 3 }, null)).toBe(24);
    expect(allThatIsFree(taken, { now: 3 }, 20)).toBe(20);
  });

  it('ask the pool only when they are open', async () => {
    expect(facility.match).not.toHaveBeenCalled();
    facility.about.mockResolvedValue(root());
    const menu = open();
    expect(labels()).toEqual([
      'All that is free: asking the pool…',
      'Double: 8 workers',
      'None: 0 workers'
    ]);
    await until('the answer', () => labels()[0] === 'All that is free: 17 workers');
    expect(facility.match).toHaveBeenCalledTimes(1);
    choose(menu, 'All that is free');
    await until('the choice', () => change.mock.calls.length > 0);
    expect(change).toHaveBeenCalledWith({ workers: 17 });
  });

  it.each([
    ['Double', 8],
    ['None', 0]
  ])('choose a number without the pool: %s', async (label, workers) => {
    facility.match.mockReturnValue(new Promise(() => undefined));
    choose(open(), label);
    await until('the choice', () => change.mock.calls.length > 0);
    expect(change).toHaveBeenCalledWith({ workers });
  });

  it('say why nobody knows what is free', async () => {
    facility.match.mockRejectedValue(new ApiError('The collector does not answer.'));
    open();
    await until('the answer', () => labels()[0]?.includes('The collector does not answer.'));
    expect(find('.lm-Menu-item').classList).toContain('lm-mod-disabled');
  });

  it('give the focus back', async () => {
    open().close();
    await until('the focus', () => document.activeElement === button);
  });

  it('offer what fits the cluster', () => {
    const all = (...args: Parameters<typeof entry>): string[] =>
      menuCommands(entry(...args)).flat();
    expect(all()).not.toContain(CommandIDs.askForWhatFits);
    expect(all({}, { why: explanation() })).toContain(CommandIDs.askForWhatFits);
    expect(all({ state: 'ended' })).not.toContain(CommandIDs.copyDashboard);
  });

  it('execute commands for the cluster', async () => {
    const commands = new CommandRegistry();
    const copied = jest.fn();
    commands.addCommand(CommandIDs.copyPython, {
      label: ({ isCard }) => (isCard ? 'Copy as Python' : 'Copy a cluster'),
      describedBy: { args: {} },
      execute: copied
    });
    menu = openCardMenu(commands, entry(), button, trans);
    expect(labels().filter(Boolean)).toEqual(['Copy as Python']);
    choose(menu, 'Copy as Python');
    await until('the command', () => copied.mock.calls.length > 0);
    expect(copied).toHaveBeenCalledWith({ name: 'dimuon', isCard: true });
  });
});
