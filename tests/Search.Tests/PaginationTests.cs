using static Agora.Search.Tests.SearchFixture;

namespace Agora.Search.Tests;

public sealed class PaginationTests
{
    private const int Count = 3_000;

    /// <summary>Many ties, ids out of order, some of them written after the load: pages rest on the total order alone.</summary>
    private static readonly SearchIndex Index = Filled();

    private static readonly Dictionary<string, int> Boosts =
        Enumerable.Range(0, Count).Where(i => i % 7 == 0).ToDictionary(Id, i => 1 + i % Relevance.MaxBoost);

    [Theory]
    [InlineData(null)]
    [InlineData("text")]
    [InlineData("text 3")]
    public void Pages_of_any_size_join_to_the_same_whole_without_gaps_or_duplicates(string? text)
    {
        var whole = Walk(text, SearchQuery.MaxLimit);

        Assert.Equal(Count, whole.Select(hit => hit.Id).Distinct().Count());
        Assert.Equal(whole.OrderByDescending(hit => hit.Relevance).ThenBy(hit => hit.Id, StringComparer.Ordinal), whole);
        Assert.Equal(whole, Walk(text, 7));
        Assert.Equal(whole, Walk(text, 100));
    }

    [Theory]
    [InlineData(1_020, 10)]
    [InlineData(1_024, 1)]
    [InlineData(2_990, 10)]
    [InlineData(2_999, 1_000)]
    [InlineData(1, 1_000)]
    public void A_page_is_the_slice_of_the_whole(int offset, int limit)
    {
        var page = Index.Search(new SearchQuery { Text = "text 3", Boosts = Boosts, Offset = offset, Limit = limit });

        Assert.Equal(Walk("text 3", 100).Skip(offset).Take(limit), page.Hits);
    }

    [Theory]
    [InlineData(Count)]
    [InlineData(int.MaxValue)]
    public void Behind_the_last_page_there_is_nothing_but_the_total(int offset)
    {
        var page = Index.Search(new SearchQuery { Text = "text", Offset = offset });

        Assert.Empty(page.Hits);
        Assert.Equal(Count, page.TotalCount);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    [InlineData(0, SearchQuery.MaxLimit + 1)]
    public void A_page_out_of_bounds_is_refused(int offset, int limit) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Index.Search(new SearchQuery { Offset = offset, Limit = limit }));

    private static List<SearchHit> Walk(string? text, int limit)
    {
        var hits = new List<SearchHit>();
        for (int offset = 0; offset < Count; offset += limit)
        {
            var page = Index.Search(new SearchQuery { Text = text, Boosts = Boosts, Offset = offset, Limit = limit });
            Assert.Equal(Count, page.TotalCount);
            hits.AddRange(page.Hits);
        }

        return hits;
    }

    private static string Id(int i) => $"svc-{i * 7_919L % 10_007}";

    private static SearchIndex Filled()
    {
        var documents = Enumerable.Range(0, Count).Select(i => Service(Id(i), "text", $"{i % 5}")).ToList();
        var index = new SearchIndex();
        index.Load(documents.Take(Count - 200));
        documents.ForEach(document => { if (documents.IndexOf(document) >= Count - 300) index.Upsert(document); });
        return index;
    }
}
