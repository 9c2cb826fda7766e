namespace Agora.Journal;

/// <summary>A row that is not as it was written, or is not there.</summary>
/// <param name="Stream">Null when the streams themselves cannot be listed.</param>
public sealed record BrokenPlace(string? Stream, long Seq, string What);

/// <summary>What a verification saw.</summary>
public sealed record VerifyReport(long Streams, long Rows, long Entries, long Broken)
{
    /// <summary>One line for the operator, with the limit of what a chain can prove.</summary>
    public string Summary =>
        $"{Streams} streams, {Rows} rows, {Entries} entries, {Broken} broken. Rows cut off the end of a stream are found only against a checkpoint kept elsewhere.";
}

/// <summary>Checks that every stream is the unbroken chain that was written: no row changed, missing, inserted or undecodable, and time never falling.</summary>
public static class Verifier
{
    private const int StreamsPerPage = 1_000;
    private const int RowsPerPage = 256;

    /// <param name="found">Told of each broken place as it is found, so that memory does not grow with the damage.</param>
    /// <param name="pace">Waits for so many rows as were read; null: as fast as it goes.</param>
    public static async Task<VerifyReport> Verify(IJournal journal, Action<BrokenPlace> found, CancellationToken cancel, Pace? pace = null)
    {
        var report = new VerifyReport(0, 0, 0, 0);
        for (string? after = null; ;)
        {
            IReadOnlyList<string> page;
            try
            {
                page = await journal.Streams("", after, StreamsPerPage, cancel);
            }
            catch (JournalCorruptException e)
            {
                found(new BrokenPlace(null, 0, $"streams after '{after}' cannot be listed: {e.What}"));
                return report with { Broken = report.Broken + 1 };
            }

            foreach (var stream in page)
            {
                var chain = new Chain(stream, found);
                await chain.Follow(journal, pace, cancel);
                report = new VerifyReport(report.Streams + 1, report.Rows + chain.Rows, report.Entries + chain.Entries, report.Broken + chain.Broken);
            }

            if (page.Count < StreamsPerPage) return report;
            after = page[^1];
        }
    }

    private sealed class Chain(string stream, Action<BrokenPlace> found)
    {
        private StreamHead _head = StreamHead.Empty;
        private long _at = long.MinValue;

        public long Rows { get; private set; }

        public long Entries { get; private set; }

        public long Broken { get; private set; }

        public async Task Follow(IJournal journal, Pace? pace, CancellationToken cancel)
        {
            try
            {
                await foreach (var row in JournalPages.Rows(journal, stream, RowsPerPage, cancel))
                {
                    Check(row);
                    if (pace is not null)
                    {
                        await pace.Wait(1, cancel);
                    }
                }
            }
            catch (JournalCorruptException e)
            {
                Report(e.Seq, $"{e.What}; the rest of the stream was not read");
                return;
            }

            if (_head.Seq == 0)
            {
                Report(1, "the stream has no rows");
            }
        }

        // After a broken row the chain goes on from what is stored, so one broken place is reported once.
        private void Check(JournalRow row)
        {
            if (row.Seq != _head.Seq + 1)
                Report(_head.Seq + 1, $"missing: the next row is #{row.Seq}");
            else if (!row.Hash.Span.SequenceEqual(RowCodec.Hash(row, _head.Hash.Span)))
                Report(row.Seq, "its hash does not follow from its content and its predecessor's hash");
            _head = new StreamHead(row.Seq, row.Hash);
            Rows++;
            CheckEntries(row);
        }

        private void CheckEntries(JournalRow row)
        {
            try
            {
                foreach (var entry in RowCodec.Decode(row))
                {
                    if (entry.AtMicros < _at)
                    {
                        Report(row.Seq, $"time falls from {_at} to {entry.AtMicros}");
                    }

                    _at = entry.AtMicros;
                    Entries++;
                }
            }
            catch (JournalCorruptException e)
            {
                Report(row.Seq, e.What);
            }
        }

        private void Report(long seq, string what)
        {
            Broken++;
            found(new BrokenPlace(stream, seq, what));
        }
    }
}
