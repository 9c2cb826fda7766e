using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests;

/// <summary>The cases of <see cref="ICheckpoints"/>.</summary>
public abstract partial class JournalConformance
{
    [ConformanceFact]
    public async Task Checkpoints_case_1_rows_are_read_in_one_order_page_by_page_with_their_hashes_and_places()
    {
        Assert.Empty(await Journal.Placed(RowPlace.Start, await Journal.Cut(None), 10, None));
        var hashes = new Dictionary<(string, long), string>();
        var heads = new Dictionary<string, StreamHead>();
        for (var i = 0; i < 12; i++)
        {
            var appends = new[] { "s/b", "s/\U0001F600", "s/\uFFFD", "s/a" }.Take(1 + (i % 4))
                .Select(stream => Append(stream, heads.GetValueOrDefault(stream, StreamHead.Empty), Entry($"{i}", i))).ToList();
            Assert.All(await Journal.Append(appends, false, None), outcome => Assert.Equal(AppendOutcome.Written, outcome));
            foreach (var append in appends)
            {
                heads[append.Stream] = HeadAfter(append);
                hashes[(append.Stream, append.Row!.Seq)] = Convert.ToHexString(append.Row.Hash.Span);
            }
        }

        var cut = await CutOver(Journal, heads.Select(head => (head.Key, head.Value.Seq)));
        var all = await Journal.Placed(RowPlace.Start, cut, 1_000, None);
        var paged = await Ordered(Journal, RowPlace.Start, cut, 3);

        Assert.Equal(all.Select(row => row.Place), paged.Select(row => row.Place));
        Assert.Equal(all.Select(row => row.Place).Order(), all.Select(row => row.Place));
        Assert.Equal(hashes, paged.ToDictionary(row => (row.Place.Stream, row.Place.Seq), row => Convert.ToHexString(row.Hash.Span)));
        foreach (var row in paged) Assert.Equal(row.Place, (await Journal.PlaceOf(row.Place.Stream, row.Place.Seq, None))!.Place);
        Assert.Equal(all.Skip(5).Select(row => row.Place), (await Journal.Placed(all[5].Place.Previous(), long.MaxValue, 1_000, None)).Select(row => row.Place));
        Assert.Null(await Journal.PlaceOf("s/b", 13, None));
        Assert.Null(await Journal.PlaceOf("s/none", 1, None));
    }

    [ConformanceFact]
    public async Task Checkpoints_cases_2_and_3_between_cuts_made_while_many_append_each_row_stands_exactly_once()
    {
        const int Streams = 8;
        const int RowsOfEach = 60;
        var writers = Enumerable.Range(0, Streams).Select(n => Task.Run(async () =>
        {
            var head = StreamHead.Empty;
            for (var i = 0; i < RowsOfEach; i++) head = await Written(Append($"s/{n}", head, Entry($"{i}")));
        })).ToList();
        var seen = new List<PlacedRow>();
        var last = RowPlace.Start.Position;
        for (var writing = Task.WhenAll(writers); ;)
        {
            var finished = writing.IsCompleted;
            var cut = finished ? await CutOver(Journal, Enumerable.Range(0, Streams).Select(n => ($"s/{n}", (long)RowsOfEach))) : await Journal.Cut(None);
            Assert.True(cut >= last, $"the cut fell from {last} to {cut}");
            var rows = await Ordered(Journal, seen.Count == 0 ? RowPlace.Start : RowPlace.After(last), cut, 7);
            Assert.All(rows, row => Assert.InRange(row.Place.Position, seen.Count == 0 ? 0 : last + 1, cut));
            seen.AddRange(rows);
            if (rows.Count > 0)
            {
                last = cut;
            }

            if (finished) break;
        }

        await Task.WhenAll(writers);
        Assert.Equal(Streams * RowsOfEach, seen.Count);
        Assert.Equal(seen.Count, seen.DistinctBy(row => (row.Place.Stream, row.Place.Seq)).Count());
        Assert.Equal(seen.Select(row => row.Place), (await Ordered(Journal, RowPlace.Start, last, 1_000)).Select(row => row.Place));
    }

    [ConformanceFact]
    public async Task Checkpoints_case_4_a_number_is_given_once_and_in_turn()
    {
        Assert.Null(await Journal.LastCheckpoint(None));
        Assert.False(await Journal.AddCheckpoint(Signed(2, 0, 5), [Tile(0)], None));
        var first = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => Journal.AddCheckpoint(Signed(1, -1, 5) with { Token = $"by {n}" }, [Tile(0), Tile(1)], None)));
        Assert.Single(first, added => added);
        Assert.True(await Journal.AddCheckpoint(Signed(2, 5, 9), [Tile(0)], None));
        Assert.False(await Journal.AddCheckpoint(Signed(2, 5, 9), [Tile(0)], None));
        Assert.False(await Journal.AddCheckpoint(Signed(4, 9, 10), [Tile(0)], None));

        Assert.Equal([1L, 2L], (await Journal.Checkpoints(0, 10, None)).Select(c => c.Number));
        Assert.Equal([2L], (await Journal.Checkpoints(1, 10, None)).Select(c => c.Number));
        Assert.Equal($"by {Array.IndexOf(first, true)}", (await Journal.Checkpoints(0, 1, None))[0].Token);
        Assert.Equal(Signed(2, 5, 9), await Journal.LastCheckpoint(None));
        Assert.Equal([0L, 1L], (await Journal.Tiles(1, None)).Select(t => t.Tile));
        Assert.Equal(Tile(1).First, (await Journal.Tiles(1, None))[1].First);
        Assert.Equal(Tile(1).Root.ToArray(), (await Journal.Tiles(1, None))[1].Root.ToArray());
        Assert.Empty(await Journal.Tiles(3, None));
    }

    [ConformanceFact]
    public async Task A_position_has_the_checkpoint_that_covers_it_and_what_was_not_told_is_listed_until_it_is()
    {
        await Journal.AddCheckpoint(Signed(1, -1, 5), [Tile(0)], None);
        await Journal.AddCheckpoint(Signed(2, 5, 9), [Tile(0)], None);
        Assert.Equal([1L, 1, 2, 2, null], await Task.WhenAll(new[] { 0L, 5, 6, 9, 10 }.Select(async at => (await Journal.CheckpointOf(at, None))?.Number)));

        Assert.Equal([1L], (await Journal.UntoldCheckpoints(1, None)).Select(c => c.Number));
        await Journal.MarkTold(1, None);
        await Journal.MarkTold(1, None);
        Assert.Equal([2L], (await Journal.UntoldCheckpoints(10, None)).Select(c => c.Number));
        await using var next = await Reopen();
        Assert.Equal([2L], (await next.UntoldCheckpoints(10, None)).Select(c => c.Number));
    }

    /// <summary>The first cut that covers these rows: one comes as soon as whatever else the server does, in other databases too, has begun after them.</summary>
    internal static async Task<long> CutOver(IJournal journal, params IEnumerable<(string Stream, long Seq)> rows)
    {
        var last = (await Task.WhenAll(rows.Select(row => journal.PlaceOf(row.Stream, row.Seq, None)))).Max(row => row!.Place.Position);
        while (true)
        {
            var cut = await journal.Cut(None);
            if (cut >= last) return cut;
        }
    }

    private static async Task<List<PlacedRow>> Ordered(IJournal journal, RowPlace after, long upTo, int page)
    {
        var rows = new List<PlacedRow>();
        while (await journal.Placed(rows.Count == 0 ? after : rows[^1].Place, upTo, page, None) is { Count: > 0 } more) rows.AddRange(more);
        return rows;
    }

    private static Checkpoint Signed(long number, long after, long upTo) => new(number, after, upTo, upTo - after, number * 10, $"token {number}");

    private static CheckpointTile Tile(long tile) => new(tile, new RowPlace(tile, $"s/{tile}", tile + 1), new byte[] { 1, 2, (byte)tile });
}
