using Agora.Benchmarks.Growing;

namespace Agora.Benchmarks.Results;

/// <summary>One measurement of the page.</summary>
/// <param name="Quick">What it is called with in a quarter of an hour for all; null: it takes longer than that.</param>
/// <param name="Full">With nothing to hurry.</param>
internal sealed record Part(string Name, string Title, string What, string? Quick, string Full, params IReadOnlyList<Plot> Plots);

internal static class Parts
{
    private const string Rate = "a second, median";

    public static readonly IReadOnlyList<Part> All =
    [
        new(
            "runs", "Runs", "Sponsored runs over HTTP beside what one would build instead, in turns: (a) ASP.NET and Npgsql with two guarded updates, a payment and an audit entry in one transaction, which authenticates nobody and validates nothing; (b) Agora. Spread: many campaigns pay, each for some of the sessions. All on one: one pays for all.",
            "runs --only agora,plain --sessions 2000 --first-warm-up 20 --warm-up 1 --seconds 4 --rounds 2",
            "runs --sessions 4000 --rounds 3 --seconds 10",
            new Bars("runs.svg", "Runs a second (median of the rounds)", Rate),
            new Bars("runs-p99.svg", "p99 of a run under full load, ms", "p99 ms")),
        new(
            "runs-sqlite", "Runs on SQLite", "The same runs on the store that `./run` has, every commit synced.",
            "runs --store sqlite --only agora --sessions 1000 --first-warm-up 20 --warm-up 1 --seconds 4 --rounds 1",
            "runs --store sqlite --only agora,bare --sessions 4000 --rounds 3 --seconds 10"),
        new(
            "wrk", "The same by a load script", "[load.sh](load.sh) does this to a server of yours, with sessions of its own: `AGORA_RATE_LIMIT_PER_MINUTE=10000000 AGORA_DUPLICATE_WINDOW_SECONDS=0 ./run --data DIR`, then `DATA=DIR bench/load.sh`. Here wrk and this program's load take turns on one server.",
            "wrk --store sqlite --sessions 1000 --campaigns 100 --first-warm-up 15 --warm-up 1 --seconds 4 --rounds 2",
            "wrk --store sqlite --sessions 1000 --campaigns 100 --rounds 3 --seconds 10"),
        new(
            "mixed", "A mix", "Of ten requests four are searches, three ask where the agent stands, two read a run and one is a run; as many as are answered, then 10,000 a second, where a time counts from when a request was due.",
            "mixed --sessions 1000 --campaigns 100 --first-warm-up 20 --warm-up 1 --seconds 4 --rounds 1",
            "mixed --sessions 4000 --rounds 3 --seconds 10",
            new Bars("mixed.svg", "Requests of a mix a second", Rate, "")),
        new(
            "reads", "Reads", "What agents read between their runs, beside ASP.NET that does nothing with an answer as large.",
            "reads --sessions 1000 --first-warm-up 12 --warm-up 1 --seconds 3 --rounds 1",
            "reads --sessions 4000 --rounds 3 --seconds 10",
            new Bars("reads.svg", "Reads a second", Rate, "/agent/")),
        new(
            "transfers", "Transfers", "Between wallets, without HTTP, durable at the payer; beside pgbench on two guarded updates, which keep no statement, no history and no idempotency.",
            "transfers --wallets 10000 --seconds 4 --warm-up 15",
            "transfers",
            new Bars("transfers.svg", "Transfers a second", "figure", "transfers a second") { Rows = ["transfers a second", "· pgbench"] }),
        new(
            "tree", "Runs of a tree of sessions", "Each held at sub-session, session, grant and user, whom all share, and at one campaign; without HTTP.",
            "tree --seconds 5 --warm-up 4",
            "tree"),
        new(
            "lists", "Lists", "Pages out of many payments, calls and refusals, each asked for another value every time.",
            "lists --rows 20000 --times 30",
            "lists --rows 1000000 --times 100"),
        new(
            "search", "Search", "Queries of one to four words in the index alone, on one core, over 100,000 services in English and Japanese.",
            "search --queries 1000 --changes 5000",
            "search"),
        new("schema", "JSON Schema", "An object of ten members against a schema that constrains each of them.", "validations --seconds 1", "validations"),
        new("cold-start", "Cold start", "The server as a process on a journal of many events.", "cold-start --events 30000", "cold-start --events 1000000"),
        new(
            "sockets", "Idle sockets", "WebSockets on which nothing is said, each an agent's that listens, beside a web server that keeps them and does nothing else. As many as a process may open files, at most 100,000.",
            "sockets --sockets 2000 --step 1000 --seconds 16",
            "sockets --sockets 100000 --step 10000 --seconds 60"),
        new(
            "growth", "Growth", "What becomes of each as there is more of something. Flat is good; the last table says by how much the last is dearer than the first, and what it rests on.",
            "growth --sessions 1000,3000,10000 --journal 10000,30000,100000 --journal-sessions 200 --lists 10000,100000 --times 20 --campaigns 1000,10000,100000 --connections 1,16,256 --seconds 1",
            "growth --sessions 1000,10000,100000,1000000 --journal 10000,100000,1000000,10000000 --lists 10000,100000,1000000,10000000 --campaigns 1000,10000,100000 --connections 1,4,16,64,256,1000,2000 --seconds 8",
            [.. Growth.Plots]),
        new(
            "soak", "Soak", "Runs at 70 % of what the server does, over time: memory, handles and latency must not rise.",
            "soak --seconds 40 --every 4 --sessions 1000 --warm-up 20",
            "soak --minutes 30",
            [.. Soak.Plots]),
        new("cluster", "Silos", "The same runs with one, two and three silos, all on these cores: what silos cost, not what they give.", null, "cluster --sessions 2000 --rounds 2"),
    ];
}
