"""What a trace's events say about times in between: who ran, in which interrupt, who owned a mutex."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Span:
    start: int
    end: int
    kind: str  # "task": it ran; "isr"; "mutex": it was owned; "wait", "ready", "suspended": a task
    name: str
    detail: str  # the owner of a mutex, what a task waited for


class Spans:
    """Follows a trace from its first event. Of what was before that, it says what follows from the
    first event of each task."""

    def __init__(self, trace):
        self.done = []
        self.begin = trace.events[0].ns
        self.running = None  # (name, since)
        self.running_before = False  # it is known who ran before the first switch
        self.first_switch = None
        self.interrupts = []  # stack of (number, since)
        self.seen = set()  # tasks with an event so far
        self.states = {}  # task not running -> (kind, since, detail)
        self.suspended = {}  # task -> the state that it goes back to: (kind, detail)
        self.ended = set()
        self.owners = {}  # mutex -> [task, since, depth]
        self.asked = {}  # task -> the mutex it called kiln_mutex_lock() for last
        self.wanted = {}  # task -> mutex it waits for
        for event in trace.events:
            self.follow(event)
        self.finish(trace.events[-1].ns)

    def follow(self, event):
        if event.kind == "task" and event.name not in self.seen:
            self.seen.add(event.name)
            self.infer(event)
        handler = getattr(self, "on_" + event.verb.replace("-", "_"), None)
        if handler:
            handler(event)

    def infer(self, event):
        """What a task's first event says of the time before: one that blocks ran, one that is woken
        waited, one that is switched to was ready, unless it is the one that ran at first."""
        if event.verb == "block" and self.running is None:
            self.running, self.running_before = (event.name, self.begin), True
        elif event.verb in ("wake", "resume"):
            kind = "wait" if event.verb == "wake" else "suspended"
            self.states[event.name] = (kind, self.begin, "")
        elif event.verb == "switch":
            since = self.begin if self.running_before else self.first_switch or event.ns
            self.states[event.name] = ("ready", since, "")

    def add(self, start, end, kind, name, detail=""):
        self.done.append(Span(start, end, kind, name, detail))

    def enter(self, task, state, now, detail=""):
        """A task that does not run changes to "wait", "ready" or, with None, to neither."""
        if task in self.states:
            kind, since, old_detail = self.states.pop(task)
            if not self.running or self.running[0] != task:  # it ran until now, whatever it was about to do
                self.add(since, now, kind, task, old_detail)
        if state:
            self.states[task] = (state, now, detail)

    def on_start(self, event):
        self.ended.discard(event.name)
        self.enter(event.name, "ready", event.ns)

    def on_end(self, event):
        self.ended.add(event.name)
        self.suspended.pop(event.name, None)
        self.enter(event.name, None, event.ns)

    def on_suspend(self, event):
        """A wait that it is in goes on, and may end meanwhile."""
        kind, _, detail = self.states.get(event.name, ("ready", 0, ""))
        self.suspended.setdefault(event.name, (kind, detail))
        self.enter(event.name, "suspended", event.ns)

    def on_resume(self, event):
        kind, detail = self.suspended.pop(event.name, ("ready", ""))
        self.enter(event.name, kind, event.ns, detail)

    def on_block(self, event):
        self.enter(event.name, "wait", event.ns, event.value)
        if event.value == "mutex" and event.name in self.asked:
            self.wanted[event.name] = self.asked[event.name]

    def on_wake(self, event):
        if event.name in self.suspended:
            self.suspended[event.name] = ("ready", "")
        else:
            self.enter(event.name, "ready", event.ns)
        mutex = self.wanted.pop(event.name, None)
        if mutex and event.value == "KILN_OK":
            self.release(mutex, event.ns)
            self.owners[mutex] = [event.name, event.ns, 1]

    def on_switch(self, event):
        self.first_switch = self.first_switch or event.ns
        if self.running:
            name, since = self.running
            self.add(since, event.ns, "task", name)
            if name not in self.ended:
                kind, _, detail = self.states.get(name, ("ready", 0, ""))
                self.states[name] = (kind, event.ns, detail)
            self.running = None
        self.enter(event.name, None, event.ns)
        self.running = (event.name, event.ns)

    def on_isr_enter(self, event):
        self.interrupts.append((event.name, event.ns))

    def on_isr_exit(self, event):
        if self.interrupts:
            number, since = self.interrupts.pop()
            self.add(since, event.ns, "isr", number)

    def on_mutex_lock(self, event):
        """The running task asks for it. If another one owns it, this one waits, or goes without."""
        if not self.running:
            return
        task = self.running[0]
        self.asked[task] = event.name
        owner = self.owners.setdefault(event.name, [task, event.ns, 0])
        if owner[0] == task:
            owner[2] += 1

    def on_mutex_unlock(self, event):
        owner = self.owners.get(event.name)
        if owner and self.running and owner[0] == self.running[0]:
            owner[2] -= 1
            if owner[2] == 0:
                self.release(event.name, event.ns)

    def release(self, mutex, now):
        owner = self.owners.pop(mutex, None)
        if owner:
            self.add(owner[1], now, "mutex", mutex, owner[0])

    def finish(self, now):
        if self.running:
            self.add(self.running[1], now, "task", self.running[0])
        for number, since in self.interrupts:
            self.add(since, now, "isr", number)
        for task in list(self.states):
            self.enter(task, None, now)
        for mutex in list(self.owners):
            self.release(mutex, now)


def of_kind(trace, *kinds):
    """Spans of these kinds, earliest first."""
    return sorted((span for span in Spans(trace).done if span.kind in kinds),
                  key=lambda span: (span.start, span.end))
