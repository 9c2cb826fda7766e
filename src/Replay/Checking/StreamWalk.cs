using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Replay.Checking.Books;

namespace Agora.Replay.Checking;

/// <summary>One stream, row by row: its chain, its replay, its book, and what it says of others.</summary>
/// <param name="broken">The row, the rule, and what is wrong.</param>
internal sealed class StreamWalk(StreamId stream, int number, StreamTelling telling, StreamRows rows, Action<Fact> says, Action<long, string, string> broken)
{
    private readonly StreamFacts _facts = new(stream, number, says);
    private ReadOnlyMemory<byte> _hash = StreamHead.Empty.Hash;
    private Book? _book;
    private bool _begun;
    private int _told;

    public long Seq { get; private set; }

    public long AtMicros { get; private set; } = long.MinValue;

    public long Rows { get; private set; }

    public long Entries { get; private set; }

    public long Events { get; private set; }

    public long Holds => _facts.Holds;

    public Book? Book => _book;

    /// <summary>False: some row breaks what those before it had come to. The rows of query tables that follow from this stream are not known then; what its events say is.</summary>
    public bool Replays { get; private set; } = true;

    /// <summary>After a broken row it goes on from what is stored, so that one broken place is said once.</summary>
    public async ValueTask Take(JournalRow row)
    {
        if (!_begun)
        {
            (_begun, _book) = (true, Book.Of(stream, what => broken(Seq, Rules.Books, what)));
        }

        if (row.Seq != Seq + 1)
        {
            broken(Seq + 1, Rules.Chain, $"a row is missing: the next one is #{row.Seq}");
        }
        else if (!row.Hash.Span.SequenceEqual(RowCodec.Hash(row, _hash.Span)))
        {
            broken(row.Seq, Rules.Chain, "its hash does not follow from its content and its predecessor's hash");
        }

        (Seq, _hash) = (row.Seq, row.Hash);
        Rows++;
        try
        {
            var entries = RowCodec.Decode(row);
            foreach (var entry in entries) Entry(entry);
            await Tell(entries);
        }
        catch (JournalCorruptException e)
        {
            broken(row.Seq, Rules.Chain, e.What);
            Replays = false;
        }
    }

    private async ValueTask Tell(IReadOnlyList<JournalEntry> entries)
    {
        _told = 0;
        if (Replays)
        {
            try
            {
                rows.Add(await telling.Take(Seq, entries, Told));
                return;
            }
            catch (Exception e) when (IsOfTheRow(e))
            {
                broken(Seq, Rules.Replays, $"what it says cannot be: {e.Message}");
                Replays = false;
            }
        }

        var heard = _told;
        try
        {
            await telling.Tell(entries, (entry, happened) =>
            {
                if (--heard < 0)
                {
                    Told(entry, happened);
                }
            });
        }
        catch (Exception e) when (IsOfTheRow(e))
        {
            broken(Seq, Rules.Replays, $"it cannot be read: {e.Message}");
        }
    }

    private static bool IsOfTheRow(Exception e) => e is not (OutOfMemoryException or JournalUnavailableException or MasterKeyException or OperationCanceledException);

    public void End()
    {
        if (!_begun)
        {
            broken(1, Rules.Chain, "the stream has no rows");
        }

        _facts.End();
        rows.End();
        if (!Replays) return;
        try
        {
            telling.CheckInvariants();
        }
        catch (InvariantViolationException e)
        {
            broken(Seq, Rules.Replays, e.Message);
        }
    }

    private void Entry(JournalEntry entry)
    {
        if (entry.AtMicros < AtMicros)
        {
            broken(Seq, Rules.Chain, $"time falls from {AtMicros} to {entry.AtMicros}");
        }

        AtMicros = entry.AtMicros;
        Entries++;
    }

    private void Told(JournalEntry entry, object happened)
    {
        _told++;
        Events++;
        var committed = new Committed(stream, Seq, entry.CommandId, Timestamps.FromMicros(entry.AtMicros), happened) { IsSealed = entry.Events.Any(static e => e.KeyId is not null) };
        _book?.Happened(committed);
        _facts.Happened(committed);
    }
}
