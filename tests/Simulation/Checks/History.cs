using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Simulation.Checks;

/// <summary>
/// What is committed, read from the journal's rows through a connection without faults. Checks the chain of each stream as it
/// goes, decodes and replays each event, and shows it to every checker once.
/// </summary>
public sealed class History(IJournal journal, PersonalKeys keys, Findings findings)
{
    private const int Page = 10_000;
    private readonly SortedDictionary<string, StreamLog> _streams = new(StringComparer.Ordinal);
    private readonly List<(string? Tenant, IChecker Checker)> _checkers = [];
    private long _looked;

    /// <summary>Told of every row, in the order in which they are seen.</summary>
    public Action<JournalRow, IEnumerable<Committed>> Seen { get; set; } = static (_, _) => { };

    /// <summary>Rows that were committed since it was asked last, in their order; null: whoever reads looks at every stream.</summary>
    public Func<IReadOnlyList<(string Stream, long Seq)>>? Touched { get; init; }

    public long Rows { get; private set; }

    public IReadOnlyDictionary<string, StreamLog> Streams => _streams;

    /// <param name="tenant">Whose events it is shown; null: all.</param>
    public void Add(IChecker checker, string? tenant = null) => _checkers.Add((tenant, checker));

    /// <summary>Events of a stream that match, so far.</summary>
    public int Count<TEvent>(StreamId stream, Func<TEvent, Committed, bool> matches) =>
        _streams.TryGetValue(stream.ToString(), out var log) ? log.Events.Count(c => c.Event is TEvent e && matches(e, c)) : 0;

    /// <summary>Reads what was committed since, then lets every checker look at the whole, where there is anything new.</summary>
    public void CatchUp()
    {
        Read();
        if (!findings.Any && Rows != _looked)
        {
            _looked = Rows;
            _checkers.ForEach(each => each.Checker.Point());
        }
    }

    /// <summary>Reads what was committed since. While others write, streams are read one after the other: they do not stand together at one moment.</summary>
    public void Read()
    {
        if (Touched is not null)
        {
            ReadInOrder(Touched());
            return;
        }

        foreach (var name in Now(journal.Streams("", null, Page, CancellationToken.None)))
        {
            var log = LogOf(name);
            foreach (var row in Now(journal.Read(name, log.Head.Seq, Page, CancellationToken.None)))
            {
                Take(log, row);
                if (findings.Any) return;
            }
        }
    }

    private void ReadInOrder(IReadOnlyList<(string Stream, long Seq)> rows)
    {
        foreach (var (name, seq) in rows)
        {
            if (findings.Any) return;

            Take(LogOf(name), Now(journal.Read(name, seq - 1, 1, CancellationToken.None))[0]);
        }
    }

    private StreamLog LogOf(string name)
    {
        if (!_streams.TryGetValue(name, out var log))
        {
            _streams.Add(name, log = new(StreamId.Parse(name)));
        }

        return log;
    }

    /// <param name="isOver">Of a tenant: what was under way there stays so.</param>
    public void Rest(Func<string, bool> isOver)
    {
        foreach (var (_, checker) in _checkers.Where(each => each.Tenant is null || !isOver(each.Tenant)))
        {
            checker.Rest();
        }
    }

    private void Take(StreamLog log, JournalRow row)
    {
        findings.Expect(row.Seq == log.Head.Seq + 1, $"{row.Stream} #{row.Seq} follows #{log.Head.Seq}: a row is missing.");
        findings.Expect(row.Hash.Span.SequenceEqual(RowCodec.Hash(row, log.Head.Hash.Span)), $"{row.Stream} #{row.Seq} does not have the hash of its content and predecessor.");
        foreach (var entry in RowCodec.Decode(row))
        {
            for (var index = 0; index < entry.Events.Count; index++)
            {
                Take(log, row, entry, index);
            }
        }

        log.Head = new(row.Seq, row.Hash);
        Rows++;
        Seen(row, log.Events.Where(c => c.Seq == row.Seq));
    }

    private void Take(StreamLog log, JournalRow row, JournalEntry entry, int index)
    {
        var stored = entry.Events[index];
        try
        {
            var committed = new Committed(
                log.Stream, row.Seq, entry.CommandId, Timestamps.FromMicros(entry.AtMicros),
                log.Replay.Decode(stored.Name, stored.Version, stored.Payload, Open(row.Stream, entry, index)));
            log.Events.Add(committed);
            foreach (var (tenant, checker) in _checkers)
            {
                if (tenant is null || tenant == log.Stream.Tenant)
                {
                    checker.Happened(committed);
                }
            }

            log.Replay.Evolve(committed.Event, committed.At);
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            findings.Add($"{row.Stream} #{row.Seq}: {stored.Name} cannot be replayed: {broken.GetType().Name}: {broken.Message}");
        }
    }

    private Personal? Open(string stream, JournalEntry entry, int index)
    {
        var stored = entry.Events[index];
        if (stored.KeyId is null) return null;

        var key = keys.Get(stored.KeyId, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return key.Open(stored.Sealed.Span, SealContext.Event(stream, entry.CommandId, index)) is { } opened ? new(opened) : null;
    }

    private static T Now<T>(Task<T> read) => read.IsCompleted ? read.GetAwaiter().GetResult() : throw new InvalidOperationException("The checkers' journal must not wait.");
}

public sealed class StreamLog(StreamId stream)
{
    public StreamId Stream { get; } = stream;

    public StreamHead Head { get; set; } = StreamHead.Empty;

    public List<Committed> Events { get; } = [];

    public Replay Replay { get; } = Replay.Of(stream);
}
