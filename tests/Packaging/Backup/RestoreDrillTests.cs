using System.Diagnostics;
using System.Globalization;
using Agora.Journal;
using Agora.Journal.Postgres;
using Xunit.Abstractions;

namespace Agora.Packaging.Backup;

/// <summary>
/// The drill of docs/operations.md with the scripts of deploy/backup: a journal under load, a base backup taken meanwhile, the
/// machine lost, another one made from the backup and the archived WAL. Prints what was lost and how long it took.
/// </summary>
public sealed class RestoreDrillTests(ITestOutputHelper output)
{
    private const int Enough = 2_000;

    [PostgresFact]
    public async Task After_the_loss_of_the_machine_the_journal_is_clean_and_all_that_was_acknowledged_before_the_last_archived_WAL_is_there()
    {
        using var place = new BackupPlace();
        IReadOnlyList<Acknowledged> archived, all;
        string backup;
        await using (var journal = await PostgresJournal.Open(new() { ConnectionString = place.Database }))
        await using (var load = new JournalLoad(journal))
        {
            await load.Reach(Enough);
            backup = place.TakeBaseBackup();
            await load.Reach(Enough);
            archived = load.Acknowledgements;
            await place.ArchiveEverything();
            await load.Reach(Enough);
            await load.Stop();
            all = load.Acknowledgements;
        }

        place.LoseTheMachine();
        var lost = Stopwatch.StartNew();
        await place.Restore(backup);
        var heads = await Heads(place.Database);
        lost.Stop();

        Assert.All(archived, a => Assert.True(a.Seq <= heads[a.Stream], $"{a} is not there: the stream ends at {heads[a.Stream]}"));
        var missing = all.Where(a => a.Seq > heads[a.Stream]).ToList();
        Assert.NotEmpty(missing); // else nothing was lost with the machine, and the drill proved nothing of the archive
        Report(all, missing, lost.Elapsed);
        await Continues(place.Database, heads);
    }

    [PostgresFact]
    public async Task A_restore_to_a_time_has_what_was_acknowledged_before_it_and_nothing_sent_after_it()
    {
        using var place = new BackupPlace();
        IReadOnlyList<Acknowledged> all;
        DateTimeOffset target;
        string backup;
        await using (var journal = await PostgresJournal.Open(new() { ConnectionString = place.Database }))
        await using (var load = new JournalLoad(journal))
        {
            await load.Reach(Enough);
            backup = place.TakeBaseBackup();
            await load.Reach(Enough);
            target = DateTimeOffset.UtcNow;
            await load.Reach(Enough);
            await load.Stop();
            all = load.Acknowledgements;
            await place.ArchiveEverything();
        }

        place.LoseTheMachine();
        await place.Restore(backup, target.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + "+00");
        var heads = await Heads(place.Database);

        Assert.All(all, a => Assert.False(a.At < target && a.Seq > heads[a.Stream], $"{a} is not there: the stream ends at {heads[a.Stream]}"));
        Assert.All(all, a => Assert.False(a.Sent > target && a.Seq <= heads[a.Stream], $"{a} is there"));
        Assert.Contains(all, a => a.Sent > target);
        await Continues(place.Database, heads);
    }

    // What verify-journal does, and where each stream ends.
    private static async Task<Dictionary<string, long>> Heads(string database)
    {
        await using var journal = await PostgresJournal.Open(new() { ConnectionString = database, ReadOnly = true });
        var report = await Verifier.Verify(journal, place => Assert.Fail(place.ToString()), CancellationToken.None);
        Assert.Equal(0, report.Broken);
        var heads = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var stream in await journal.Streams("", null, 1_000, CancellationToken.None))
        {
            heads[stream] = await Last(journal, stream) is { } row ? row.Seq : 0;
        }

        return heads;
    }

    private static async Task<JournalRow?> Last(IJournal journal, string stream)
    {
        JournalRow? last = null;
        while (await journal.Read(stream, last?.Seq ?? 0, 1_000, CancellationToken.None) is { Count: > 0 } page) last = page[^1];
        return last;
    }

    private static async Task Continues(string database, Dictionary<string, long> heads)
    {
        await using var journal = await PostgresJournal.Open(new() { ConnectionString = database });
        var row = (await Last(journal, heads.Keys.First()))!;
        var next = RowCodec.Next(row.Stream, new(row.Seq, row.Hash), [new(Guid.CreateVersion7(), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000, default, [])]);
        var outcomes = await journal.Append([new(row.Stream, new(row.Seq, row.Hash), next, 0, [], [], null)], again: false, CancellationToken.None);
        Assert.Equal([AppendOutcome.Written], outcomes);
    }

    private void Report(IReadOnlyList<Acknowledged> all, IReadOnlyList<Acknowledged> missing, TimeSpan took)
    {
        var end = all.Max(a => a.At);
        output.WriteLine($"{all.Count} acknowledged, {missing.Count} lost: those of the last {(end - missing.Min(a => a.At)).TotalSeconds:0.0} s (RPO). Verified {took.TotalSeconds:0.0} s after the loss (RTO).");
    }
}
