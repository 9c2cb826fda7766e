using Agora.Core;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Replay.Checking;

/// <summary>
/// The simulator's rules over a real journal: each stream is a chain that replays and keeps its books; what streams say of one hold, run, transfer or payment goes together; the books sum to zero; and each
/// row of the query tables is the one that the journal makes.
/// <para>Bounds. One stream's state and open holds, a page of rows (<see cref="JournalPages.MaxBytes"/>), a name for each thousand streams and each that is broken, and what <see cref="FactStore"/> says.</para>
/// </summary>
/// <param name="journal">As it stood at one moment: what is written meanwhile is not to be seen.</param>
/// <param name="keys">Over the same.</param>
/// <param name="found">Told of each violation as it is found, so that memory does not grow with the damage.</param>
public sealed class JournalCheck(IJournal journal, PersonalKeys keys, Action<Violation> found, Action<CheckProgress>? progress = null) : IDisposable
{
    private const int StreamsPerPage = 1_000;
    private const int RowsPerPage = 256;

    private readonly FactStore _facts = new();
    private readonly StreamNames _names = new(journal, StreamsPerPage);
    private readonly FundSums _events = new();
    private readonly TableFacts _rows = new();
    private readonly Dictionary<int, string> _broken = [];
    private readonly List<(int First, bool IsTest)> _tenants = [];
    private CheckReport _report = new();
    private long _violations;
    private long _lastAt = long.MinValue;

    public async Task<CheckReport> Run(CancellationToken cancel)
    {
        var number = 0;
        var total = await _names.Count(cancel);
        await foreach (var name in _names.All(cancel))
        {
            await Stream(name, number++, cancel);
            progress?.Invoke(new("streams", (double)number / Math.Max(total, 1), _report.Rows));
        }

        await Together(cancel);
        return _report with { Streams = number, Violations = _violations, UpTo = _lastAt == long.MinValue ? null : Timestamps.FromMicros(_lastAt) };
    }

    public void Dispose() => _facts.Dispose();

    private async Task Stream(string name, int number, CancellationToken cancel)
    {
        StreamId id;
        StreamTelling telling;
        try
        {
            id = StreamId.Parse(name);
            telling = StreamTelling.Of(id, keys);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            _broken.Add(number, name);
            Found(name, 0, Rules.Replays, e.Message);
            return;
        }

        var walk = new StreamWalk(id, number, telling, new(_rows, number, Say), Say, (seq, rule, what) => Found(name, seq, rule, what));
        try
        {
            await foreach (var row in JournalPages.Rows(journal, name, RowsPerPage, cancel)) await walk.Take(row);
        }
        catch (JournalCorruptException e)
        {
            Found(name, e.Seq, Rules.Chain, $"{e.What}; the rest of the stream was not read");
        }

        walk.End();
        if (!walk.Replays)
        {
            _broken.Add(number, name);
        }

        _events.Add(walk.Book);
        Belongs(id, number, walk.AtMicros);
        _report = _report with
        {
            Rows = _report.Rows + walk.Rows, Entries = _report.Entries + walk.Entries, Events = _report.Events + walk.Events, Holds = _report.Holds + walk.Holds,
        };
    }

    /// <summary>What streams say of each other, and what the query tables say of them.</summary>
    private async Task Together(CancellationToken cancel)
    {
        var tables = new TableCheck(journal, _rows, _broken, Found);
        await tables.Read(Say, part => progress?.Invoke(new("query tables", part, _report.Rows)), cancel);
        var later = new List<(Fact At, string Rule, string What)>();
        void Later(Fact at, string rule, string what) => later.Add((at, rule, what));
        var judge = new Judge(Timestamps.FromMicros(Math.Max(_lastAt, 0)), IsTest, Later);
        foreach (var group in _facts.Groups((part, parts) => progress?.Invoke(new("what they say of each other", (double)part / parts, _report.Rows))))
        {
            if (group.Span[0].Kind is FactKind.RowFollows or FactKind.RowStands)
            {
                tables.Judge(group.Span, Later);
            }
            else
            {
                judge.Of(group.Span);
            }

            foreach (var (at, rule, what) in later) Found(at.Stream < 0 ? null : await _names.Of(at.Stream, cancel), at.Seq, rule, what);
            later.Clear();
        }

        await tables.Name(cancel);
        tables.Sums(_events);
        var missing = _events.SentMicros - _events.ReceivedMicros - judge.InTransitMicros;
        if (missing != 0)
        {
            Found(null, 0, Rules.Sums, $"{_events.SentMicros} were sent and {_events.ReceivedMicros} received, with {judge.InTransitMicros} in transit: {missing} are nowhere");
        }

        _report = _report with
        {
            OpenHolds = judge.OpenHolds, Runs = judge.Runs, Transfers = judge.Transfers, TransfersInTransit = judge.TransfersInTransit, InTransitMicros = judge.InTransitMicros, Payments = judge.Payments,
            Tables = Manifest.Tables.Count, TableRows = tables.Rows,
        };
    }

    /// <summary>Streams of a tenant follow each other, for they are read in the order of their names.</summary>
    private void Belongs(StreamId stream, int number, long atMicros)
    {
        var isTest = Tenant.Parse(stream.Tenant)?.IsTest == true;
        if (_tenants.Count == 0 || _tenants[^1].IsTest != isTest)
        {
            _tenants.Add((number, isTest));
        }

        _lastAt = isTest ? _lastAt : Math.Max(_lastAt, atMicros);
    }

    private bool IsTest(int stream) => _tenants.FindLast(tenant => tenant.First <= stream).IsTest;

    private void Say(Fact fact) => _facts.Add(fact);

    private void Found(string? stream, long seq, string rule, string what)
    {
        _violations++;
        found(new(stream, seq, rule, what));
    }
}
