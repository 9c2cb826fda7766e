using System.Diagnostics;
using System.Security.Cryptography;
using Agora.Core;
using Agora.Core.Funds;
using Agora.Core.Runs;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Journal.Postgres;
using Agora.Simulation;
using Agora.Simulation.Checks;
using Agora.Testing;

namespace Agora.Orleans.Tests.Life.Support;

/// <summary>
/// What the database itself says, read beside the silos: the simulation's checkers over every event of the journal, each seen once, and the query
/// tables beside them. It rests on no answer of any silo.
/// </summary>
internal sealed class Ledger : IAsyncDisposable
{
    private const int MostWallets = 100;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private readonly IJournal _journal;
    private readonly Findings _findings = new(TimeProvider.System, byCheckersOnly: false);
    private readonly History _history;
    private readonly HashSet<Guid> _told = [];
    private readonly HashSet<string> _loaded = [];

    private Ledger(IJournal journal, byte[] masterKey)
    {
        _journal = new ReadAtOnce(journal);
        _history = new(_journal, new PersonalKeys(_journal, masterKey, RandomNumberGenerator.Fill, TimeProvider.System), _findings);
        Array.ForEach<IChecker>([new Runs(_findings), new Escrows(_findings), new SessionBudgets(_findings)], checker => _history.Add(checker));
    }

    public static async Task<Ledger> Open(string database, byte[] masterKey) =>
        new(await PostgresJournal.Open(new() { ConnectionString = database, ReadOnly = true }), masterKey);

    /// <summary>
    /// Waits until nothing is left to be done by anyone: no hold, no step, no transfer. Then everything must agree: escrow, runs, sessions, users and
    /// wallets; each run decided once; what was acknowledged is there, once.
    /// </summary>
    /// <returns>How long it took until nothing was left, and what was last.</returns>
    public async Task<(TimeSpan Took, string? Last)> AtRest(TimeSpan bound, SteadyLoad load)
    {
        var (from, last) = (Stopwatch.GetTimestamp(), (string?)null);
        using var timer = new PeriodicTimer(LookEvery);
        for (var left = Left(); left is not null; left = Left())
        {
            Assert.True(Stopwatch.GetElapsedTime(from) < bound, $"After {bound.TotalSeconds} s: {left}");
            last = left;
            await timer.WaitForNextTickAsync();
        }

        var took = Stopwatch.GetElapsedTime(from);
        await Agrees(load);
        _history.CatchUp();
        _history.Rest(static _ => false);
        Assert.True(_findings.First is null, _findings.First?.ToString());
        await TablesAgree();
        return (took, last);
    }

    /// <summary>What must hold at any moment: no event broke a rule, the chain is whole, and what agents of an ended load were told is there, once.</summary>
    public async Task Agrees(SteadyLoad load)
    {
        _history.Read();
        Assert.True(_findings.First is null, _findings.First?.ToString());
        HasAll(load);
        await Verifies();
    }

    /// <summary>Takes what a scenario that failed left in the journal as it is, so that only that scenario fails.</summary>
    public void TakeAsAcknowledged(SteadyLoad load)
    {
        _history.Read();
        _loaded.UnionWith(load.Ended.Select(r => r.Session.Id));
        _told.UnionWith(Posted(_loaded).Select(r => r.RunId));
    }

    /// <summary>How many of these runs have no row of their request yet.</summary>
    public int Unrecorded(IReadOnlySet<Guid> runs)
    {
        _history.Read();
        return runs.Count - Events().Select(static c => c.Event).OfType<RunEvent.Requested>().Select(static requested => requested.RunId).Where(runs.Contains).Distinct().Count();
    }

    public long Rows => _history.Rows;

    /// <summary>How the runs of a session were decided, as far as was read.</summary>
    public IReadOnlyList<RunEvent.Concluded> Concluded(string sessionId) =>
        [.. Events().Where(c => c.Stream.Id == sessionId).Select(c => c.Event).OfType<RunEvent.Concluded>()];

    public ValueTask DisposeAsync() => _journal.DisposeAsync();

    /// <returns>Null, or a stream that still has something to do.</returns>
    private string? Left()
    {
        _history.Read();
        Assert.True(_findings.First is null, _findings.First?.ToString());
        return _history.Streams.Values
            .Select(log => log.Replay.Unfinished is { } steps ? $"{log.Stream}: {steps}" : log.Replay.Due is { } due ? $"{log.Stream} looks again at {due:O}" : null)
            .FirstOrDefault(left => left is not null);
    }

    /// <summary>Every key was asked for until it had an outcome: what was acknowledged is there, once, and nothing succeeded that nobody was told of.</summary>
    private void HasAll(SteadyLoad load)
    {
        var sessions = load.Ended.Select(r => r.Session.Id).ToHashSet();
        var told = load.Acknowledged.Select(r => Guid.Parse(r.Acknowledged!)).ToList();
        Assert.NotEmpty(told);
        _loaded.UnionWith(sessions);
        Assert.All(told, run => Assert.True(_told.Add(run), $"Run {run} was acknowledged for two keys."));
        Assert.Equal(_told.Order(), Posted(_loaded).Select(r => r.RunId).Order());
    }

    /// <summary>Each posted run is one row that says so, and providers have what the runs cost.</summary>
    private async Task TablesAgree()
    {
        var posted = Events().Select(c => c.Event).OfType<RunEvent.Concluded>().Where(r => r.Posted).ToList();
        var runs = await _journal.Query(new(TableShapes.Of(RunTables.Runs), [new("state", Comparison.Equal, "succeeded")], [], 0, 1), CancellationToken.None);
        Assert.Equal(posted.Count, runs.TotalCount);
        var wallets = await _journal.Query(new(TableShapes.Of(FundTables.Funds), [new("kind", Comparison.Equal, Kinds.Wallet)], [], 0, MostWallets), CancellationToken.None);
        var credited = FundTables.Funds.Columns.ToList().IndexOf("received_micros");
        Assert.Equal(posted.Sum(r => r.AmountMicros), wallets.Rows.Sum(row => (long)row.Values[credited]!));
    }

    private async Task Verifies()
    {
        var report = await Verifier.Verify(_journal, place => Assert.Fail($"{place.Stream} #{place.Seq}: {place.What}"), CancellationToken.None);
        Assert.Equal(0, report.Broken);
    }

    private IEnumerable<RunEvent.Concluded> Posted(HashSet<string> sessions) =>
        Events().Where(c => sessions.Contains(c.Stream.Id)).Select(c => c.Event).OfType<RunEvent.Concluded>().Where(r => r.Posted);

    private IEnumerable<Committed> Events() => _history.Streams.Values.SelectMany(log => log.Events);

    /// <summary>The checkers read as the simulation does, without waiting.</summary>
    private sealed class ReadAtOnce(IJournal journal) : DelegatingJournal(journal)
    {
        public override Task<IReadOnlyList<string>> Streams(string prefix, string? after, int limit, CancellationToken cancel) => Done(base.Streams(prefix, after, limit, cancel));

        public override Task<IReadOnlyList<JournalRow>> Read(string stream, long afterSeq, int limit, CancellationToken cancel) => Done(base.Read(stream, afterSeq, limit, cancel));

        private static Task<T> Done<T>(Task<T> read) => Task.FromResult(read.GetAwaiter().GetResult());
    }
}
