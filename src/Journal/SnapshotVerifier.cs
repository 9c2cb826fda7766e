namespace Agora.Journal;

/// <summary>What a verification of snapshots saw.</summary>
/// <param name="Uncoded">Of a release without codes, or put there by somebody: ignored either way, and written anew in time.</param>
public sealed record SnapshotReport(long Snapshots, long Uncoded, long Broken)
{
    public string Summary =>
        $"{Snapshots} snapshots, {Broken} broken" + (Uncoded == 0 ? "." : $", {Uncoded} without a code: those are ignored, whoever wrote them, and written anew as their streams go on.");
}

/// <summary>Checks the codes of all streams' snapshots. Ones that do not fit are ignored by the server; that they are there says that somebody wrote to the database.</summary>
public static class SnapshotVerifier
{
    private const int StreamsPerPage = 1_000;

    /// <param name="found">Told of each broken place as it is found.</param>
    public static async Task<SnapshotReport> Verify(IJournal journal, SnapshotCodes codes, Action<BrokenPlace> found, CancellationToken cancel)
    {
        var report = new SnapshotReport(0, 0, 0);
        string? after = null;
        while (await journal.Streams("", after, StreamsPerPage, cancel) is { Count: > 0 } page)
        {
            foreach (var stream in page)
            {
                if (await journal.LoadSnapshot(stream, cancel) is not { } stored) continue;
                var code = codes.Open(stream, stored, out _);
                if (code == SnapshotCode.Wrong)
                {
                    found(new(stream, stored.Seq, "its snapshot was changed: the code is not that of what it holds under the master key"));
                }

                report = new(report.Snapshots + 1, report.Uncoded + (code == SnapshotCode.Missing ? 1 : 0), report.Broken + (code == SnapshotCode.Wrong ? 1 : 0));
            }

            after = page[^1];
        }

        return report;
    }
}
