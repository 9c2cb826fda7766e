using Agora.Journal.Tests.Fakes;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests;

/// <summary>The cases of <see cref="IFeed"/>.</summary>
public abstract partial class JournalConformance
{
    private static readonly TimeSpan AtOnce = TimeSpan.Zero;
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);

    [ConformanceFact]
    public async Task Feed_case_1_rows_come_in_order_with_their_bytes_window_by_window()
    {
        var written = new List<JournalRow>();
        var heads = new Dictionary<string, StreamHead>();
        for (var i = 0; i < 12; i++)
        {
            var appends = new[] { "t/b/1", "t/b/\U0001F600", "t/b/\uFFFD", "t/a/1" }.Take(1 + (i % 4))
                .Select(stream => Append(stream, heads.GetValueOrDefault(stream, StreamHead.Empty), Entry($"{stream} {i}"))).ToList();
            Assert.All(await Journal.Append(appends, false, None), outcome => Assert.Equal(AppendOutcome.Written, outcome));
            foreach (var append in appends) heads[append.Stream] = HeadAfter(append);
            written.AddRange(appends.Select(append => append.Row!));
        }

        var order = await Places(written);
        foreach (var most in new[] { 1, 7, 1_000 })
        {
            var (rows, windows) = await Seen(Journal, new FeedQuery(null) { MostRows = most }, written.Count);
            Assert.Equal(order, rows.Select(row => (row.Stream, row.Seq)));
            Assert.All(windows, window => Assert.InRange(window.Rows.Count, 0, most));
            Assert.Equal(written.Select(Image).Order(), rows.Select(Image).Order());
        }
    }

    [ConformanceFact]
    public async Task Feed_case_1_whoever_follows_while_many_append_sees_each_row_once_in_order()
    {
        const int Streams = 8;
        const int RowsOfEach = 60;
        var following = Seen(Journal, new FeedQuery(null) { MostRows = 7 }, Streams * RowsOfEach);
        await Task.WhenAll(Enumerable.Range(0, Streams).Select(n => Task.Run(async () =>
        {
            var head = StreamHead.Empty;
            for (var i = 0; i < RowsOfEach; i++) head = await Written(Append($"t/s/{n}", head, Entry($"{i}")));
        })));

        var (rows, _) = await following.Soon();
        Assert.Equal(await Places(rows), rows.Select(row => (row.Stream, row.Seq)));
        Assert.Equal(Streams * RowsOfEach, rows.DistinctBy(row => (row.Stream, row.Seq)).Count());
    }

    [ConformanceFact]
    public async Task Feed_case_2_only_rows_of_the_kinds_asked_for_come_and_the_cursor_moves_over_the_others()
    {
        var session = StreamHead.Empty;
        for (var i = 0; i < 5; i++) session = await Written(Append("t/session/service", session, Entry($"session {i}")));
        await Written(Append("t/service/1", StreamHead.Empty, Entry("service")));
        await Written(Append("t/campaign/1", StreamHead.Empty, Entry("campaign")));
        for (var i = 5; i < 9; i++) session = await Written(Append("t/session/service", session, Entry($"session {i}")));

        var (rows, windows) = await Seen(Journal, new FeedQuery(null, "service", "campaign") { MostRows = 2, Patience = AtOnce }, 2);
        Assert.Equal(["service", "campaign"], Said(rows));
        Assert.Empty(Said((await Seen(Journal, new FeedQuery(null, "serv", "none"), 0)).Rows));

        var end = await EndBehind(11);
        await foreach (var window in Journal.Follow(new FeedQuery(windows[^1].Cursor, "service") { Patience = AtOnce }, None))
            if (window.Cursor == end)
                break;
    }

    [ConformanceFact]
    public async Task Feed_case_3_a_window_ends_with_the_row_that_takes_its_bodies_to_the_bound()
    {
        var head = StreamHead.Empty;
        foreach (var length in new[] { 10, 10, 5_000, 10, 1_000, 1_000, 1_000 }) head = await Written(Append("t/s/1", head, Entry(new string('x', length))));
        await Written(Append("t/other/1", StreamHead.Empty, Entry("y")));

        var (rows, windows) = await Seen(Journal, new FeedQuery(null, "s") { MostBytes = 1_500 }, 7);
        Assert.Equal([3, 3, 1], windows.Where(window => window.Rows.Count > 0).Select(window => window.Rows.Count));
        Assert.Equal(Enumerable.Range(1, 7).Select(seq => (long)seq), rows.Select(row => row.Seq));
    }

    [ConformanceFact]
    public async Task Feed_case_4_a_cursor_outlives_the_process_and_the_end_is_behind_all_that_is_there()
    {
        var fromNothing = await Journal.FeedEnd(None);
        var head = await Written(Append("t/s/1", StreamHead.Empty, Entry("a")));
        head = await Written(Append("t/s/1", head, Entry("b")));
        var (_, windows) = await Seen(Journal, new FeedQuery(null) { MostRows = 1 }, 2);
        var end = await EndBehind(2);
        Assert.Equal(end, windows[^1].Cursor);
        await Written(Append("t/s/1", head, Entry("c")));

        await using var next = await Reopen();
        Assert.Equal(["b", "c"], Said((await Seen(next, new FeedQuery(windows[0].Cursor), 2)).Rows));
        Assert.Equal(["c"], Said((await Seen(next, new FeedQuery(end), 1)).Rows));
        Assert.Equal(["a", "b", "c"], Said((await Seen(next, new FeedQuery(fromNothing), 3)).Rows));
        await Assert.ThrowsAsync<FormatException>(() => Seen(next, new FeedQuery("none"), 1));
        await Assert.ThrowsAsync<FormatException>(() => Seen(next, new FeedQuery("not+base64/url"), 1));
    }

    [ConformanceFact]
    public async Task Feed_case_5_a_cursor_of_a_history_that_was_cut_off_is_answered_Reset()
    {
        await using var lost = await OpenAnother();
        var (keptHead, lostHead) = (StreamHead.Empty, StreamHead.Empty);
        foreach (var said in new[] { "a", "b" })
        {
            keptHead = await Written(Append("t/s/1", keptHead, Entry(said)));
            Assert.Equal([AppendOutcome.Written], await lost.Append([Append("t/s/1", lostHead, Entry(said))], false, None));
            lostHead = keptHead;
        }

        var row = Append("t/s/1", lostHead, Entry("lost"));
        Assert.Equal([AppendOutcome.Written], await lost.Append([row], false, None));
        Assert.Equal([AppendOutcome.Written], await lost.Append([Append("t/s/1", HeadAfter(row), Entry("lost too"))], false, None));
        var cursors = (await Seen(lost, new FeedQuery(null) { MostRows = 1 }, 4)).Windows.Where(window => window.Rows.Count > 0).Select(window => window.Cursor).ToList();

        await Written(Append("t/s/1", keptHead, Entry("another")));
        foreach (var cutOff in cursors[2..])
        {
            var windows = new List<FeedWindow>();
            await foreach (var window in Journal.Follow(new FeedQuery(cutOff), None)) windows.Add(window);
            Assert.Empty(Assert.Single(windows, window => window.Reset).Rows);
            Assert.Equal(["a", "b", "another"], Said((await Seen(Journal, new FeedQuery(windows[0].Cursor), 3)).Rows));
        }
    }

    [ConformanceFact]
    public async Task Feed_case_5_the_same_row_at_another_place_is_answered_Reset()
    {
        await using var lost = await OpenAnother();
        await lost.Append([Append("t/s/1", StreamHead.Empty, Entry("a"))], false, None);
        var (_, windows) = await Seen(lost, new FeedQuery(null), 1);
        for (var head = StreamHead.Empty; head.Seq < 3;) head = await Written(Append("t/s/2", head, Entry("before")));
        await Written(Append("t/s/1", StreamHead.Empty, Entry("a")));

        await foreach (var window in Journal.Follow(new FeedQuery(windows[^1].Cursor), None)) Assert.True(window.Reset);
    }

    [ConformanceFact]
    public async Task Feed_case_6_who_waits_is_woken_by_an_append()
    {
        var end = await Journal.FeedEnd(None);
        var waiting = Seen(Journal, new FeedQuery(end, "service") { Patience = Never }, 2);
        await Written(Append("t/session/1", StreamHead.Empty, Entry("other")));
        var head = await Written(Append("t/service/1", StreamHead.Empty, Entry("a")));
        await Written(Append("t/service/1", head, Entry("b")));

        Assert.Equal(["a", "b"], Said((await waiting.Soon()).Rows));
    }

    [ConformanceFact]
    public async Task Feed_case_6_who_waits_for_a_table_is_woken_by_a_row_that_writes_it_and_sees_all_before_it()
    {
        var waiting = Seen(Journal, new FeedQuery(null, "service") { Patience = Never, WakeFor = ["none", Runs.Name] }, 2);
        var head = await Written(Append("t/service/1", StreamHead.Empty, Entry("a")));
        await Written(Append("t/service/1", head, Entry("b")) with { Upserts = [Run("r1", "open", 1)] });

        Assert.Equal(["a", "b"], Said((await waiting.Soon()).Rows));
    }

    [ConformanceFact]
    public async Task Feed_case_6_when_patience_is_over_the_answer_is_empty_and_following_goes_on()
    {
        await using var following = Journal.Follow(new FeedQuery(null) { Patience = AtOnce }, None).GetAsyncEnumerator();
        Assert.True(await following.MoveNextAsync());
        Assert.Empty(following.Current.Rows);
        await Written(Append("t/s/1", StreamHead.Empty, Entry("a")));
        do Assert.True(await following.MoveNextAsync());
        while (following.Current.Rows.Count == 0);

        Assert.Equal(["a"], Said(following.Current.Rows));
    }

    [ConformanceFact]
    public async Task Feed_case_6_who_waits_ends_when_it_is_cancelled()
    {
        using var over = new CancellationTokenSource();
        await using var following = Journal.Follow(new FeedQuery(null) { Patience = Never }, over.Token).GetAsyncEnumerator();
        var waiting = following.MoveNextAsync().AsTask();
        await over.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Soon());
    }

    [ConformanceFact]
    public async Task Feed_case_7_of_bodies_no_more_than_the_first_bytes_asked_for_come_and_they_alone_fill_a_window()
    {
        var (head, written) = (StreamHead.Empty, new List<JournalRow>());
        foreach (var said in new[] { "", new string('x', 5_000), string.Concat(Enumerable.Range(0, 20_000).Select(n => $"{n} ")), "b" })
        {
            var append = Append("t/s/1", head, Entry(said));
            head = await Written(append);
            written.Add(append.Row!);
        }

        foreach (var most in new[] { 1, RowCodec.FirstAtBytes, 3_000, int.MaxValue })
        {
            var (rows, _) = await Seen(Journal, new FeedQuery(null, "s") { BodyBytes = most }, 4);
            Assert.Equal(written.Select(row => Image(row with { Body = row.Body[..Math.Min(most, row.Body.Length)] })), rows.Select(Image));
        }

        var (heads, windows) = await Seen(Journal, new FeedQuery(null, "s") { BodyBytes = RowCodec.FirstAtBytes, MostBytes = 2 * RowCodec.FirstAtBytes }, 4);
        Assert.Equal([2, 2], windows.Where(window => window.Rows.Count > 0).Select(window => window.Rows.Count));
        Assert.Equal(written.Select(RowCodec.FirstAtMicros), heads.Select(RowCodec.FirstAtMicros));
    }

    /// <summary>Until so many rows have come; of none, until all has been looked at.</summary>
    internal static async Task<(List<JournalRow> Rows, List<FeedWindow> Windows)> Seen(IJournal journal, FeedQuery query, int rows)
    {
        var (seen, windows) = (new List<JournalRow>(), new List<FeedWindow>());
        await foreach (var window in journal.Follow(rows == 0 ? query with { Patience = AtOnce } : query, None))
        {
            Assert.False(window.Reset);
            seen.AddRange(window.Rows);
            windows.Add(window);
            if (rows == 0 ? window.Rows.Count == 0 : seen.Count >= rows) break;
        }

        return (seen, windows);
    }

    /// <summary>The end as soon as it is behind so many rows, which are all: whatever the server does beside it may hold it back for a moment.</summary>
    private async Task<string> EndBehind(int rows)
    {
        var last = (await Seen(Journal, new FeedQuery(null), rows)).Windows[^1].Cursor;
        while (await Journal.FeedEnd(None) != last)
        {
        }

        return last;
    }

    private async Task<List<(string, long)>> Places(IEnumerable<JournalRow> rows) =>
        [.. (await Task.WhenAll(rows.Select(row => Journal.PlaceOf(row.Stream, row.Seq, None)))).Select(placed => placed!.Place).Order().Select(place => (place.Stream, place.Seq))];

    private static string Image(JournalRow row) => $"{row.Stream} {row.Seq} {Convert.ToHexString(row.Hash.Span)} {Convert.ToHexString(row.Body.Span)}";
}
