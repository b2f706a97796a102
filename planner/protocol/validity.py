"""What the results of the protocol are valid for: its section 11, and what this implementation adds to it."""

VALIDITY = (
    (
        "The figures compare scenarios with each other. They are no absolute energy or emissions: E* has the unit "
        "of time times carbon intensity, and no power was measured."
    ),
    "Power per function is assumed to be constant, so powerup is 1 by assumption and greenup is a ratio of E*.",
    "The network is left out: moving inputs and results between regions costs energy that E* does not see.",
    "Cold starts happen and are part of every latency; they are neither removed nor reported apart.",
    "Throughput is low on purpose (26 invocations an hour), so nothing follows for a system under load.",
    (
        "E* is charged with the carbon intensity of the region and hour in which an execution begins, from a "
        "recorded or synthetic series; it says nothing of the hours into which a long execution reaches."
    ),
    (
        "An execution that was repeated, or that failed midway, is charged as it left a log line. What a process "
        "that was killed had done by then left none, and is missing."
    ),
    (
        "The oracle's bound knows the whole series beforehand, has room everywhere and executes every invocation "
        "once: it is a limit for every policy and no promise that one reaches it. It covers no execution that "
        "began after its deadline."
    ),
    (
        "Where the scenarios ran one after the other, machines and regions may have differed between them: the "
        "measured greenup has that in it, the policy's greenup, with one mean time per function, has not."
    ),
    (
        "Where regions are processes of one machine, latencies are those of that machine; with a virtual clock, "
        "delays are in the clock's time and latencies in real time."
    ),
)
