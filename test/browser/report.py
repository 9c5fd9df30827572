#!/usr/bin/python3
"""report.py DIR: the report's page in a real browser, on the server that PG* names.

A database with names that look like markup, a trigger and a virtual table that cannot follow, rejected rows
and many tables is migrated; Chromium shows the page on a desktop, on a phone and in the dark.  The page
has to be complete, with no message on the console, no request for anything but itself, and nothing
wider than the screen.  The pictures are left in DIR.  Without Chromium the test is skipped, and says so.

The browser is driven by its own protocol (chromedevtools.github.io/devtools-protocol) over a pipe.
"""
import base64
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

SCREENS = [("desktop", 1280, 900, False, "light"), ("phone", 390, 844, True, "light"), ("dark", 1280, 900, False, "dark")]
# headings of the page, which a database with a bit of everything has to show
SECTIONS = ["Summary", "Load times", "Not migrated, or not as it was", "Types and names of columns", "Advice", "Verification", "Objects"]
# what is wider than the screen, tables that scroll within themselves aside
TOO_WIDE = """[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll')
    && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"""

failed = 0
count = 0


def ok(condition, name, detail=""):
    global failed, count
    count += 1
    failed += not condition
    print(f"{'ok' if condition else 'not ok'} {count} - {name}{'' if condition or not detail else ': ' + str(detail)}", flush=True)


class Browser:
    """Chromium without a window: one page, commands and events over file descriptors 3 and 4."""

    def __init__(self, program, profile):
        commands, self.out = os.pipe()
        self.input, events = os.pipe()

        def arrange():
            # through numbers that are neither 3 nor 4, which either end may have already
            first, second = os.dup2(commands, 20), os.dup2(events, 21)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--disable-dev-shm-usage", f"--user-data-dir={profile}", "--remote-debugging-pipe"],
            preexec_fn=arrange, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(events)
        self.buffer, self.number, self.events, self.session = b"", 0, [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def message(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.input, 1 << 20)
            if not piece:
                raise RuntimeError("the browser ended")
            self.buffer += piece
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        command = {"id": self.number, "method": method, "params": params}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.out, json.dumps(command).encode() + b"\0")
        while True:
            got = self.message()
            if got.get("id") == self.number:
                if "error" in got:
                    raise RuntimeError(f"{method}: {got['error']}")
                return got["result"]
            self.events.append(got)

    def show(self, url):
        self.events = []
        self.call("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self.message())

    def value(self, expression):
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def end(self):
        self.session = None
        os.write(self.out, b'{"id": 0, "method": "Browser.close"}\0')
        self.process.wait(30)


def make_database(path):
    with sqlite3.connect(path) as db:
        db.executescript("""
            CREATE TABLE "<b onclick=""alert(1)"">bold</b>"(id INTEGER PRIMARY KEY, "a <i>" TEXT);
            INSERT INTO "<b onclick=""alert(1)"">bold</b>" VALUES (1, 'x');
            CREATE TABLE readings(id INTEGER PRIMARY KEY, level INTEGER, taken TEXT);
            INSERT INTO readings WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i, i % 7, '2024-01-02' FROM n;
            CREATE TABLE mixed(id INTEGER PRIMARY KEY, flag BOOLEAN, code VARCHAR(2));
            INSERT INTO mixed VALUES (1, 1, 'long'), (2, 'maybe', 'x');
            CREATE VIEW "</table><script>" AS SELECT function_of_the_program(level) FROM readings;
            CREATE TABLE a_name_that_goes_on_and_on_until_it_has_sixty_three_bytes_of_text(id INTEGER PRIMARY KEY);
        """)
        for number in range(40):
            db.execute(f"CREATE TABLE small_{number}(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES readings(id))")
            db.execute(f"INSERT INTO small_{number} VALUES (1, 2)")


def psql(database, *statements):
    command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database]
    for statement in ("SET client_min_messages = warning", *statements):
        command += ["-c", statement]
    return subprocess.run(command, text=True, capture_output=True, check=True).stdout


def make_page(work):
    file = os.path.join(work, "<app>.db")
    make_database(file)
    os.chmod(file, 0o644)
    psql("postgres", "DROP DATABASE IF EXISTS browser", "CREATE DATABASE browser")
    psql("browser", "CREATE EXTENSION sqlite_import",
         f"SELECT FROM sqlite_import.migrate('{file}', casts => '{{\"mixed.flag\": \"boolean\"}}', on_error => 'reject')")
    page = os.path.join(work, "report.html")
    with open(page, "w", encoding="utf-8") as out:
        out.write(psql("browser", "SELECT sqlite_import.report_html()"))
    return page


def look(browser, page, pictures, screen):
    name, width, height, mobile, scheme = screen
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.show("file://" + page.replace("<", "%3C"))
    headings = browser.value("[...document.querySelectorAll('h2')].map(e => e.textContent)")
    ok([heading for heading in headings if heading in SECTIONS] == SECTIONS, f"{name}: every section is there", headings)
    verdict = browser.value("document.querySelector('p.look').textContent")
    ok("1 rows were rejected" in verdict and "1 objects were not migrated" in verdict, f"{name}: the verdict says what to look at", verdict)
    ok(browser.value("document.querySelectorAll('.load').length") == 30, f"{name}: thirty tables in the chart")
    ok(browser.value("document.querySelector('.load b').getBoundingClientRect().width") > 100, f"{name}: the slowest has a long bar")
    ok(browser.value("document.querySelectorAll('script, body [onclick], td i, td b').length") == 0, f"{name}: names are text, not markup")
    browser.value("document.querySelector('details').open = true")
    wide = browser.value(TOO_WIDE)
    ok(wide == [] and browser.value("document.documentElement.scrollWidth") <= width, f"{name}: nothing is wider than the screen", wide)
    said = [event["params"] for event in browser.events
            if event["method"] in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")]
    ok(said == [], f"{name}: the console is silent", said)
    asked = [event["params"]["request"]["url"] for event in browser.events if event["method"] == "Network.requestWillBeSent"]
    ok([url for url in asked if not url.startswith("data:")] == asked[:1], f"{name}: one request, for the page itself", asked)
    picture = base64.b64decode(browser.call("Page.captureScreenshot", captureBeyondViewport=True,
                                            clip={"x": 0, "y": 0, "width": width, "height": 2400, "scale": 1})["data"])
    path = os.path.join(pictures, f"report-{name}.png")
    with open(path, "wb") as out:
        out.write(picture)
    ok(len(picture) > 20000, f"{name}: its picture is in {os.path.relpath(path)}", len(picture))


def main():
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program or subprocess.run([program, "--version"], capture_output=True, check=False).returncode != 0:
        print("ok 1 - the report in a browser # SKIP there is no Chromium here")
        return
    pictures = sys.argv[1]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        os.chmod(work, 0o755)
        page = make_page(work)
        browser = Browser(program, os.path.join(work, "profile"))
        try:
            for screen in SCREENS:
                look(browser, page, pictures, screen)
        finally:
            browser.end()
    print(f"{count - failed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
