using Agora.Journal.Tests.Fakes;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests;

/// <summary>The cases of <see cref="IFeed"/> of named streams, and of the places of rows.</summary>
public abstract partial class JournalConformance
{
    [ConformanceFact]
    public async Task Feed_case_8_only_rows_of_the_streams_named_come_in_the_order_of_all_from_any_cursor_in_any_windows()
    {
        var random = new Random(8);
        var all = await Mixed(random, streams: 12, batches: 60);
        foreach (var named in new[] { 1, 3, 12 })
        {
            var streams = Enumerable.Range(0, named).Select(n => $"t/s/{n * 5 % 12}").Append("t/s/none").ToList();
            foreach (var from in new[] { -1, 0, all.Rows.Count / 2, random.Next(all.Rows.Count), all.Rows.Count - 1 })
            {
                var expected = all.Rows.Skip(from + 1).Where(row => streams.Contains(row.Stream)).Select(Image).ToList();
                foreach (var (most, bytes) in new[] { (1, 1L << 20), (5, 1L << 20), (1_000, 300L), (1_000, 1L << 20) })
                {
                    var query = new FeedQuery(from < 0 ? null : all.Behind(from).ToString()) { Streams = streams, MostRows = most, MostBytes = bytes };
                    var (rows, windows) = await Seen(Journal, query, 0);
                    Assert.Equal(expected, rows.Select(Image));
                    Assert.All(windows, window => Assert.InRange(window.Rows.Count, 0, most));
                    Assert.All(windows, window => Assert.InRange(window.Rows.SkipLast(1).Sum(row => (long)row.Body.Length), 0, bytes - 1));
                    Assert.Equal(all.Cursor, windows[^1].Cursor);
                }
            }
        }
    }

    [ConformanceFact]
    public async Task Feed_case_8_a_stream_is_followed_from_far_behind_its_last_row_and_from_right_before_it()
    {
        var heads = new Dictionary<string, StreamHead>();
        for (var i = 0; i < 90; i++) await WrittenTo(heads, i % 3 == 0 ? ["t/s/long", "t/s/other"] : ["t/s/long"], $"{i}");
        var all = await Whole(120);
        for (var from = 0; from < all.Rows.Count; from++)
        {
            var (rows, _) = await Seen(Journal, new FeedQuery(all.Behind(from).ToString()) { Streams = ["t/s/long"], MostRows = 20 }, 0);
            Assert.Equal(all.Rows.Skip(from + 1).Where(row => row.Stream == "t/s/long").Select(row => row.Seq), rows.Select(row => row.Seq));
        }
    }

    [ConformanceFact]
    public async Task Feed_case_8_who_follows_streams_while_many_append_sees_each_of_their_rows_once_in_order()
    {
        const int Streams = 8;
        const int RowsOfEach = 50;
        string[] named = ["t/s/0", "t/s/3", "t/s/6"];
        var following = Seen(Journal, new FeedQuery(null) { Streams = named, MostRows = 7 }, named.Length * RowsOfEach);
        await Task.WhenAll(Enumerable.Range(0, Streams).Select(n => Task.Run(() => Say($"t/s/{n}", RowsOfEach))));

        var (rows, _) = await following.Soon();
        Assert.Equal(await Places(rows), rows.Select(row => (row.Stream, row.Seq)));
        Assert.Equal(named.Length * RowsOfEach, rows.DistinctBy(row => (row.Stream, row.Seq)).Count());
        Assert.All(rows, row => Assert.Contains(row.Stream, named));
    }

    [ConformanceFact]
    public async Task Feed_case_8_streams_of_another_kind_than_asked_for_say_nothing_and_too_many_are_refused()
    {
        foreach (var stream in new[] { "t/a/1", "t/b/1", "t/a/2" }) await Written(Append(stream, StreamHead.Empty, Entry(stream)));
        await EndBehind(3);
        string[] named = ["t/b/1", "t/a/2", "t/b/1", "t/none/1"];

        Assert.Equal(["t/b/1", "t/a/2"], Said((await Seen(Journal, new FeedQuery(null) { Streams = named }, 0)).Rows));
        Assert.Equal(["t/a/2"], Said((await Seen(Journal, new FeedQuery(null, "a") { Streams = named }, 0)).Rows));
        Assert.Empty((await Seen(Journal, new FeedQuery(null) { Streams = [] }, 0)).Rows);
        Assert.Empty((await Seen(Journal, new FeedQuery(null) { Streams = [.. Enumerable.Range(2, FeedQuery.MaxStreams).Select(n => $"t/b/{n}")] }, 0)).Rows);
        await Assert.ThrowsAsync<ArgumentException>(() => Seen(Journal, new FeedQuery(null) { Streams = [.. Enumerable.Range(0, FeedQuery.MaxStreams + 1).Select(n => $"t/b/{n}")] }, 0));
    }

    [ConformanceFact]
    public async Task Feed_case_8_of_bodies_no_more_than_the_first_bytes_come_and_fill_a_window()
    {
        var head = StreamHead.Empty;
        foreach (var said in new[] { "", new string('x', 5_000), "b", "c" }) head = await Written(Append("t/s/1", head, Entry(said)));
        var (whole, _) = await Seen(Journal, new FeedQuery(null), 4);

        var query = new FeedQuery(null) { Streams = ["t/s/1"], BodyBytes = RowCodec.FirstAtBytes, MostBytes = 2 * RowCodec.FirstAtBytes };
        var (rows, windows) = await Seen(Journal, query, 4);
        Assert.Equal(whole.Select(row => Image(row with { Body = row.Body[..RowCodec.FirstAtBytes] })), rows.Select(Image));
        Assert.Equal([2, 2], windows.Where(window => window.Rows.Count > 0).Select(window => window.Rows.Count));
    }

    [ConformanceFact]
    public async Task Feed_case_8_who_waits_for_streams_is_woken_by_rows_of_their_kind()
    {
        var waiting = Seen(Journal, new FeedQuery(null) { Streams = ["t/s/1", "t/s/2"], Patience = Never }, 2);
        await Written(Append("t/other/1", StreamHead.Empty, Entry("other")));
        await Written(Append("t/s/3", StreamHead.Empty, Entry("another")));
        await Written(Append("t/s/1", StreamHead.Empty, Entry("a")));
        await Written(Append("t/s/2", StreamHead.Empty, Entry("b")));

        Assert.Equal(["a", "b"], Said((await waiting.Soon()).Rows));
    }

    [ConformanceFact]
    public async Task Feed_case_8_a_cursor_of_a_history_that_was_cut_off_is_answered_Reset()
    {
        await using var lost = await OpenAnother();
        await lost.Append([Append("t/s/1", StreamHead.Empty, Entry("lost"))], false, None);
        var (_, windows) = await Seen(lost, new FeedQuery(null) { Streams = ["t/s/1"] }, 1);
        await Written(Append("t/s/1", StreamHead.Empty, Entry("another")));

        await foreach (var window in Journal.Follow(new FeedQuery(windows[^1].Cursor) { Streams = ["t/s/1"] }, None))
        {
            Assert.True(window.Reset);
            Assert.Equal(["another"], Said((await Seen(Journal, new FeedQuery(window.Cursor) { Streams = ["t/s/1"] }, 1)).Rows));
        }
    }

    [ConformanceFact]
    public async Task Feed_case_9_a_window_that_is_not_full_carries_the_cursor_behind_all_that_can_be_seen()
    {
        var nothing = (await Seen(Journal, new FeedQuery(null) { Streams = ["t/s/1"] }, 0)).Windows[^1].Cursor;
        await Written(Append("t/s/1", StreamHead.Empty, Entry("a")));
        for (var head = StreamHead.Empty; head.Seq < 5;) head = await Written(Append("t/other/1", head, Entry("other")));
        var end = await EndBehind(6);

        Assert.Equal(end, (await Seen(Journal, new FeedQuery(nothing) { Streams = ["t/s/1"] }, 1)).Windows[^1].Cursor);
        Assert.Equal(end, (await Seen(Journal, new FeedQuery(nothing) { Streams = ["t/s/none"] }, 0)).Windows[^1].Cursor);
        Assert.NotEqual(end, (await Seen(Journal, new FeedQuery(nothing) { Streams = ["t/s/1"], MostRows = 1 }, 1)).Windows[^1].Cursor);
    }

    [ConformanceFact]
    public async Task Feed_case_9_who_goes_from_streams_to_kinds_and_back_while_many_append_misses_nothing_and_gets_nothing_twice()
    {
        const int Streams = 6;
        const int RowsOfEach = 60;
        string[] named = ["t/s/1", "t/s/4"];
        var writing = Task.WhenAll(Enumerable.Range(0, Streams).Select(n => Task.Run(() => Say(n < 5 ? $"t/s/{n}" : "t/other/5", RowsOfEach))));
        var (cursor, seen) = ((string?)null, new List<JournalRow>());
        for (var turn = 0; seen.Count < named.Length * RowsOfEach; turn++)
        {
            var query = turn % 2 == 0 ? new FeedQuery(cursor) { Streams = named } : new FeedQuery(cursor, "s");
            await foreach (var window in Journal.Follow(query with { MostRows = 1 + (turn % 5), Patience = AtOnce }, None))
            {
                Assert.False(window.Reset);
                seen.AddRange(window.Rows.Where(row => named.Contains(row.Stream)));
                cursor = window.Cursor;
                break;
            }
        }

        await writing;
        Assert.Equal(await Places(seen), seen.Select(row => (row.Stream, row.Seq)));
        Assert.Equal(named.Length * RowsOfEach, seen.DistinctBy(row => (row.Stream, row.Seq)).Count());
    }

    [ConformanceFact]
    public async Task Feed_case_10_the_cursor_of_a_row_is_the_one_of_a_window_that_ends_with_it()
    {
        await Mixed(new Random(10), streams: 5, batches: 12);
        foreach (var query in new[] { new FeedQuery(null), new FeedQuery(null, "s"), new FeedQuery(null) { Streams = ["t/s/1", "t/s/2", "t/s/4"] } })
        {
            var single = (await Seen(Journal, query with { MostRows = 1 }, 0)).Windows.Where(window => window.Rows.Count > 0).ToList();
            foreach (var most in new[] { 1, 4, 1_000 })
            {
                var windows = (await Seen(Journal, query with { MostRows = most }, 0)).Windows;
                var cursors = windows.SelectMany(window => Enumerable.Range(0, window.Rows.Count).Select(row => window.Behind(row).ToString())).ToList();
                Assert.Equal(single.Select(window => window.Behind(0).ToString()), cursors);
                Assert.All(windows.Where(window => window.Rows.Count == most), window => Assert.Equal(window.Behind(most - 1).ToString(), window.Cursor));
                for (var i = 0; i < single.Count - 1; i++)
                    Assert.Equal(Image(single[i + 1].Rows[0]), Image((await Seen(Journal, query with { After = cursors[i], MostRows = 1 }, 1)).Rows[0]));
            }
        }
    }

    /// <summary>Streams <c>t/s/0</c> and up, each in some of the batches; all of it in one window.</summary>
    private async Task<FeedWindow> Mixed(Random random, int streams, int batches)
    {
        var (heads, rows) = (new Dictionary<string, StreamHead>(), 0);
        for (var i = 0; i < batches; i++)
        {
            var busy = random.Next(streams); // One goes on for a while, others now and then.
            var said = Enumerable.Range(0, streams).Where(n => n == busy || random.Next(streams) == 0).Select(n => $"t/s/{n}").ToList();
            rows += said.Count;
            await WrittenTo(heads, said, new string('x', random.Next(100)));
        }

        return await Whole(rows);
    }

    /// <summary>So many rows, which are all, as soon as nothing holds the last of them back.</summary>
    private async Task<FeedWindow> Whole(int rows)
    {
        await EndBehind(rows);
        return (await Seen(Journal, new FeedQuery(null), rows)).Windows.Single(window => window.Rows.Count > 0);
    }

    private async Task WrittenTo(Dictionary<string, StreamHead> heads, IReadOnlyList<string> streams, string said)
    {
        var appends = streams.Select(stream => Append(stream, heads.GetValueOrDefault(stream, StreamHead.Empty), Entry(said))).ToList();
        Assert.All(await Journal.Append(appends, false, None), outcome => Assert.Equal(AppendOutcome.Written, outcome));
        foreach (var append in appends) heads[append.Stream] = HeadAfter(append);
    }

    private async Task Say(string stream, int rows)
    {
        for (var head = StreamHead.Empty; head.Seq < rows;) head = await Written(Append(stream, head, Entry($"{head.Seq}")));
    }
}
