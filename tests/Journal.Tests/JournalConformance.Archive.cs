using System.Runtime.InteropServices;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests;

/// <summary>Rows whose bodies are kept in packs: nobody who reads can tell.</summary>
public abstract partial class JournalConformance
{
    private const long Later = 1_000;

    [ConformanceFact]
    public async Task What_is_read_of_streams_by_page_by_key_and_from_the_feed_is_the_same_when_they_are_archived()
    {
        await Fill();
        var before = await AllRead(Journal);

        Assert.Equal((2, 9, 0), await new Archivist(Journal).Archive(["s/long", "s/short", "s/none"], Later, None));

        Assert.Equal(before, await AllRead(Journal));
        Assert.NotNull(await Journal.PackOf("s/long", 3, None));
        await using var next = await Reopen();
        Assert.Equal(before, await AllRead(next));
    }

    [ConformanceFact]
    public async Task A_page_and_a_window_of_archived_rows_end_where_they_ended_before()
    {
        await Fill();
        var page = (await Journal.Read("s/long", 0, 100, None)).Count;
        var window = (await Journal.Next(new FeedQuery(null) { MostBytes = 700_000 }, None)).Rows.Count;
        var named = (await Journal.Next(new FeedQuery(null) { MostBytes = 700_000, Streams = ["s/long"] }, None)).Rows.Count;
        Assert.InRange(page, 2, 6);

        await new Archivist(Journal).Archive(["s/long", "s/short"], Later, None);

        Assert.Equal(page, (await Journal.Read("s/long", 0, 100, None)).Count);
        Assert.Equal(window, (await Journal.Next(new FeedQuery(null) { MostBytes = 700_000 }, None)).Rows.Count);
        Assert.Equal(named, (await Journal.Next(new FeedQuery(null) { MostBytes = 700_000, Streams = ["s/long"] }, None)).Rows.Count);
    }

    [ConformanceFact]
    public async Task A_stream_goes_on_behind_what_is_archived_and_that_is_archived_later()
    {
        var first = Append("s/1", StreamHead.Empty, Entry("a"));
        await Journal.Append([first], false, None);
        Assert.Equal((1, 1, 0), await new Archivist(Journal).Archive(["s/1"], Later, None));
        Assert.Empty(await Journal.Unarchived(["s/1"], None));

        Assert.Equal([AppendOutcome.Moved, AppendOutcome.Written], [
            .. await Journal.Append([Append("s/1", StreamHead.Empty, Entry("another"))], false, None), .. await Journal.Append([Check("s/1", HeadAfter(first))], false, None)]);
        Assert.Equal([AppendOutcome.Written], await Journal.Append([Append("s/1", HeadAfter(first), Entry("b"))], false, None));

        Assert.Equal([new("s/1", 2, 2)], await Journal.Unarchived(["s/1"], None));
        Assert.Equal(["a", "b"], Said(await Journal.Read("s/1", 0, 9, None)));
        Assert.Equal((1, 1, 0), await new Archivist(Journal).Archive(["s/1"], Later, None));
        Assert.Equal(["a", "b"], Said(await Journal.Read("s/1", 0, 9, None)));
        Assert.Equal((0, 0, 0), await new Archivist(Journal).Archive(["s/1"], Later, None));
    }

    [ConformanceFact]
    public async Task A_stream_that_goes_on_again_and_again_is_archived_each_time_behind_the_last_of_its_packs()
    {
        var head = StreamHead.Empty;
        for (var seq = 1; seq <= 3; seq++)
        {
            var row = Append("s/1", head, Entry($"{seq}"));
            await Journal.Append([row], false, None);
            head = HeadAfter(row);
            Assert.Equal([new("s/1", seq, seq)], await Journal.Unarchived(["s/1"], None));

            Assert.Equal((1, 1, 0), await new Archivist(Journal).Archive(["s/1"], Later, None));
        }

        Assert.Empty(await Journal.Unarchived(["s/1"], None));
        Assert.Equal(["1", "2", "3"], Said(await Journal.Read("s/1", 0, 9, None)));
    }

    [ConformanceFact]
    public async Task Windows_of_archived_rows_follow_each_other_though_nobody_appends()
    {
        await Fill();
        await new Archivist(Journal).Archive(["s/long", "s/short"], Later, None);

        using var tooLong = new CancellationTokenSource(Hang.Timeout);
        var (rows, windows) = (0, 0);
        await foreach (var window in Journal.Follow(new FeedQuery(null) { MostBytes = 700_000, Patience = TimeSpan.FromHours(1) }, tooLong.Token))
        {
            (rows, windows) = (rows + window.Rows.Count, windows + 1);
            if (rows == 10) break;
        }

        Assert.InRange(windows, 2, 9);
    }

    [ConformanceFact]
    public async Task A_stream_that_is_young_or_has_an_alarm_is_left_alone()
    {
        await Journal.Append([Append("s/young", StreamHead.Empty, Entry("a", atMicros: Later)), Append("s/alarm", StreamHead.Empty, Entry("b")) with { Alarm = new(5) }], false, None);

        Assert.Equal((0, 0, 0), await new Archivist(Journal).Archive(["s/young", "s/alarm"], Later, None));

        Assert.Null(await Journal.PackOf("s/alarm", 1, None));
        Assert.Equal(2, (await Journal.Unarchived(["s/young", "s/alarm"], None)).Count);
    }

    [ConformanceFact]
    public async Task A_row_is_in_one_pack_and_who_was_interrupted_goes_on_behind_it()
    {
        await Fill();
        var rows = await Journal.Read("s/long", 0, 2, None);
        Assert.True(await Journal.Archive(RowPack.Of(rows), None));
        Assert.False(await Journal.Archive(RowPack.Of(rows), None));
        Assert.False(await Journal.Archive(RowPack.Of([rows[1], .. await Journal.Read("s/long", 2, 1, None)]), None));
        Assert.Equal([new("s/long", 3, 8)], await Journal.Unarchived(["s/long"], None));

        Assert.Equal((1, 6, 0), await new Archivist(Journal).Archive(["s/long"], Later, None));

        Assert.Equal(2, (await Journal.PackOf("s/long", 1, None))!.Last);
        Assert.Equal(8, (await AllRead(Journal)).Count(row => row.StartsWith("read s/long", StringComparison.Ordinal)));
    }

    [ConformanceFact]
    public async Task What_is_read_of_an_archived_row_keeps_no_more_in_memory_than_its_own_bytes()
    {
        await Fill();
        await new Archivist(Journal).Archive(["s/long"], Later, None);

        var window = await Journal.Next(new FeedQuery(null) { Streams = ["s/long"], BodyBytes = RowCodec.FirstAtBytes }, None);

        Assert.Equal(8, window.Rows.Count);
        Assert.All(window.Rows, row => Assert.Equal(RowCodec.FirstAtBytes, MemoryMarshal.TryGetArray(row.Body, out var kept) ? kept.Array!.Length : 0));
    }

    [ConformanceFact]
    public async Task A_stream_with_a_row_that_cannot_be_read_is_left_and_holds_up_no_other()
    {
        var row = Append("s/1", StreamHead.Empty, Entry("a"));
        var lost = Append("s/3", StreamHead.Empty, Entry("c"));
        await Journal.Append([
            row with { Row = row.Row! with { Body = new byte[] { 9 } } },
            Append("s/2", StreamHead.Empty, Entry("b")),
            lost with { Row = lost.Row! with { Body = default } }], false, None);
        await Journal.Append([Append("s/3", HeadAfter(lost), Entry("d"))], false, None);

        Assert.Equal((1, 1, 2), await new Archivist(Journal).Archive(["s/1", "s/2", "s/3"], Later, None));

        Assert.Equal([new("s/1", 1, 1), new("s/3", 1, 2)], await Journal.Unarchived(["s/1", "s/2", "s/3"], None));
    }

    // Rows of many kilobytes, as random as compressible, beside one that is read by its key.
    private async Task Fill()
    {
        var head = StreamHead.Empty;
        for (var i = 0; i < 8; i++)
        {
            var row = Append("s/long", head, Entry(i % 2 == 0 ? new string('a', 300_000) : string.Concat(Enumerable.Range(0, 20_000).Select(n => $"{n * (i + 7L) * 7919} "))));
            await Journal.Append([row], false, None);
            head = HeadAfter(row);
        }

        await Journal.Append([Append("s/short", StreamHead.Empty, Entry("x"), Entry("y")) with { Upserts = [Payment("default", "p1", 1, 1, "a1", "s1", null)] }, Append("s/other", StreamHead.Empty, Entry("z"))], false, None);
    }

    /// <summary>All that is read, a line each: place, hash, and a hash of the body.</summary>
    private async Task<List<string>> AllRead(IJournal journal)
    {
        var all = new List<string>();
        foreach (var stream in new[] { "s/long", "s/short", "s/other" })
        {
            await foreach (var row in JournalPages.Rows(journal, stream, 3, None)) Add("read", row);
        }

        Add("found", (await journal.Find(new(Payments, Refunded, ["tenant", "payment_id"]), ["default", "run p1"], None))!.Source!);
        foreach (var query in new[] { new FeedQuery(null) { MostRows = 3 }, new FeedQuery(null) { BodyBytes = RowCodec.FirstAtBytes }, new FeedQuery(null) { Streams = ["s/long", "s/short"] } })
        {
            var (cursor, count) = ((string?)null, 0);
            do
            {
                var window = await journal.Next(query with { After = cursor, Patience = TimeSpan.Zero }, None);
                foreach (var row in window.Rows) Add("fed", row);
                (cursor, count) = (window.Cursor, window.Rows.Count);
            }
            while (count > 0);
        }

        return all;

        void Add(string how, JournalRow row) => all.Add(
            $"{how} {row.Stream} {row.Seq} {Convert.ToHexString(row.Hash.Span)} {row.Body.Length} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(row.Body.Span))}");
    }
}
