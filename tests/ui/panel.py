"""The panel and what opens from it, as a user finds it: by what it is called."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.ui.lab import Lab

MINUTE = 60_000  # of Playwright's milliseconds


@dataclass(frozen=True)
class Card:
    """The card of a cluster."""

    name: str
    node: Locator

    @property
    def title(self) -> Locator:
        return self.node.locator(".jp-AfLab-name")

    @property
    def bar(self) -> Locator:
        return self.node.get_by_role("progressbar", name=f"Workers of {self.name}")

    @property
    def wanted(self) -> Locator:
        return self.node.get_by_role("spinbutton", name=f"Workers requested for {self.name}")

    @property
    def more(self) -> Locator:
        return self.button("One more worker")

    @property
    def fewer(self) -> Locator:
        return self.button("One fewer worker")

    @property
    def adaptive(self) -> Locator:
        return self.node.get_by_role("checkbox")

    def button(self, name: str) -> Locator:
        return self.node.get_by_role("button", name=name)

    def has_workers(self, connected: int, wanted: int | None = None) -> None:
        """Wait until a number of workers is connected, and as many are wanted unless told otherwise."""
        expect(self.bar).to_have_attribute("aria-valuenow", str(connected), timeout=3 * MINUTE)
        expect(self.wanted).to_have_value(str(connected if wanted is None else wanted))

    def is_in_state(self, state: str) -> None:
        expect(self.node).to_have_attribute("data-state", state, timeout=2 * MINUTE)

    def scale(self, workers: int) -> None:
        self.wanted.fill(str(workers))
        self.wanted.press("Enter")

    def stop(self) -> None:
        """Stop the cluster and wait until its card is gone."""
        self.button("Stop").click()
        self.node.page.get_by_role("dialog").get_by_role("button", name="Stop it").click()
        self.is_gone()

    def is_gone(self) -> None:
        expect(self.node).to_have_count(0, timeout=2 * MINUTE)


class Panel:
    """The panel in the sidebar."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.node = page.get_by_role("region", name="Analysis Facility")
        self.tab = page.locator(".jp-SideBar [data-id=af-lab-panel]")
        self.status = self.node.locator(".jp-AfLab-announcer")
        self.notice = self.node.locator(".jp-AfLab-notice")

    @classmethod
    def opened(cls, page: Page, lab: Lab, path: str = "") -> Panel:
        """Load JupyterLab, without what was open before, and open the panel."""
        panel = cls.closed(page, lab, path)
        panel.open()
        return panel

    @classmethod
    def closed(cls, page: Page, lab: Lab, path: str = "") -> Panel:
        """Load JupyterLab, without what was open before, and wait until nothing takes the focus any more."""
        page.goto(f"{lab.url(path)}&reset")
        # A second tab finds its workspace in use and is sent on to one of its own: this wait outlives that.
        page.wait_for_function("window.jupyterapp?.restored.then(() => true)")
        page.locator(".jp-Launcher-content, .jp-Document").first.wait_for()
        return cls(page)

    def open(self) -> None:
        """Show the panel, if it is not shown."""
        # A panel that JupyterLab is about to show again would be hidden by a click.
        self.page.wait_for_function("window.jupyterapp?.restored.then(() => true)")
        self.tab.wait_for()
        if not self.node.is_visible():
            self.tab.click()
        self.node.wait_for()

    def card(self, name: str) -> Card:
        return Card(name, self.node.locator(f"[data-cluster={name}]"))

    def section(self, title: str) -> Locator:
        """Return the content of a section, and open it if it is closed."""
        heading = self.node.locator(".jp-AccordionPanel-title").filter(has_text=title)
        if heading.get_attribute("aria-expanded") != "true":
            # In the middle of some headings is a button.
            heading.locator(".lm-AccordionPanel-titleLabel").click()
        return self.node.locator(f".jp-AfLab-{title.lower()}")

    def close_section(self, title: str) -> None:
        heading = self.node.locator(".jp-AccordionPanel-title").filter(has_text=title)
        heading.locator(".lm-AccordionPanel-titleLabel").click()
        expect(heading).to_have_attribute("aria-expanded", "false")

    def new_cluster(self) -> Locator:
        """Open the dialog and return it when it knows what the facility offers."""
        self.node.get_by_role("button", name="New cluster…").first.click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label("Memory per job").wait_for()
        return dialog

    def set_width(self, width: int) -> None:
        """Make the sidebar some pixels wide, as by dragging its edge."""
        box = self.node.bounding_box()
        assert box is not None
        mouse, y = self.page.mouse, box["y"] + box["height"] / 2
        mouse.move(box["x"] + box["width"] + 1, y)
        mouse.down()
        mouse.move(box["x"] + width + 1, y, steps=5)
        mouse.up()

    def put_away_dialogs(self) -> None:
        """Close what is open, without a consequence."""
        dialogs = self.page.locator(".jp-Dialog")
        while number := dialogs.count():
            self.page.keyboard.press("Escape")
            expect(dialogs).to_have_count(number - 1)

    def execute(self, command: str, **args: object) -> None:
        """Have JupyterLab execute a command, and wait until it is done."""
        self.page.evaluate("([id, args]) => jupyterapp.commands.execute(id, args).then(() => {})", [command, args])

    def new_notebook(self, *cells: str) -> Locator:
        """Open a new notebook with a Python kernel, and return it."""
        self.execute("notebook:create-new", kernelName="python3")
        # What is typed before the file and the kernel are there is lost.
        current = "jupyterapp.shell.currentWidget"
        self.page.wait_for_function(
            f"{current}?.context?.isReady && {current}.sessionContext.session?.kernel?.status === 'idle'"
        )
        notebook = self.page.locator(".jp-NotebookPanel:visible")
        for index, code in enumerate(cells):
            if index > 0:
                self.execute("notebook:insert-cell-below")
            editor = notebook.locator(".jp-Cell.jp-mod-active .cm-content")
            editor.fill(code)
            expect(editor).to_contain_text(code.splitlines()[0])
        return notebook

    def run_cell(self) -> None:
        """Run the active cell of the current notebook."""
        self.execute("notebook:run-cell")

    def details(self, name: str) -> Locator:
        """Open the details of a cluster and return them."""
        self.card(name).button("Details of").click()
        return self.page.get_by_role("region", name=f"Details of the cluster {name}")
