using Agora.Journal.Feed;

namespace Agora.Journal.Tests.Feed;

/// <summary>What a merge of streams reads for a window, whatever the order in which their rows were written.</summary>
public sealed class StreamMergeTests
{
    private const int FirstPage = 8;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 5_000, 1)]
    [InlineData(500, 20, 1)] // In turns.
    [InlineData(300, 60, 60)] // Each at another time.
    [InlineData(40, 300, 7)]
    public void A_window_holds_the_first_rows_of_all_streams_in_order_and_reads_few_more(int streams, int rowsOfEach, int atATime)
    {
        var written = Enumerable.Range(0, streams * rowsOfEach)
            .Select(i => (Stream: $"t/s/{i / atATime % streams}", Position: 100L + (2 * i)))
            .GroupBy(row => row.Stream)
            .SelectMany(rows => rows.Select((row, i) => new RowPlace(row.Position, row.Stream, 41 + i)))
            .Order().ToList();
        for (var (from, window) = (0, new Window([], 0, 0, false)); from < written.Count; from += window.Places.Count)
        {
            window = Fill(written[from..], new FeedQuery(null) { MostRows = 1_000 });
            Assert.Equal(written.Skip(from).Take(1_000), window.Places);
            Assert.Equal(window.Places.Count == 1_000, window.IsFull);
            Assert.InRange(window.Read, window.Places.Count, (FirstPage * streams) + (3 * window.Places.Count));
            Assert.InRange(window.Rounds, 1, 60);
        }
    }

    [Fact]
    public void A_window_ends_with_the_row_that_takes_the_bodies_to_the_bound_and_counts_of_each_what_is_asked_for()
    {
        var written = Enumerable.Range(1, 30).Select(i => new RowPlace(i, $"t/s/{i % 3}", 1 + (i / 3))).ToList();

        Assert.Equal(4, Fill(written, new FeedQuery(null) { MostBytes = 301 }).Places.Count);
        Assert.Equal(3, Fill(written, new FeedQuery(null) { MostBytes = 300 }).Places.Count);
        Assert.Equal(10, Fill(written, new FeedQuery(null) { MostBytes = 300, BodyBytes = 30 }).Places.Count);
    }

    /// <summary>As a store does it; each body has a hundred bytes.</summary>
    private static Window Fill(IReadOnlyList<RowPlace> behind, FeedQuery query)
    {
        var streams = behind.GroupBy(place => place.Stream).ToDictionary(places => places.Key, places => places.ToList());
        var merge = new StreamMerge(query, streams.Values.Select(places => places[0]));
        var (read, rounds) = (0, 0);
        for (; merge.Missing() is { Count: > 0 } pages; rounds++)
        {
            var rows = pages.Select(page => streams[page.Stream].Where(place => place.Seq >= page.FromSeq).Take(page.Rows).Select(place => new MeasuredRow(new PlacedRow(place, new byte[32]), 100)).ToList()).ToList();
            merge.Add(rows);
            read += rows.Sum(page => page.Count);
        }

        var end = new PlacedRow(behind[^1], new byte[32]);
        var look = merge.Done(FeedCursor.Start, end, merge.Rows.Select(_ => new ReadOnlyMemory<byte>([1])));
        Assert.Equal(look.HasMore ? merge.Rows[^1].Place : end.Place, look.Cursor.Place);
        return new([.. look.Rows.Select((row, i) => new RowPlace(look.Positions[i], row.Stream, row.Seq))], read, rounds, look.HasMore);
    }

    private sealed record Window(IReadOnlyList<RowPlace> Places, int Read, int Rounds, bool IsFull);
}
