using static Agora.Search.Tests.SearchFixture;

namespace Agora.Search.Tests;

public sealed class FilterTests
{
    private static readonly SearchIndex Index = SearchFixture.Index(
        Service("a", "text one", category: "Writing", priceMicros: 100),
        Service("b", "text two", category: "writing", priceMicros: 200),
        Service("c", "text three", category: "Legal", priceMicros: 300));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \t　")]
    public void A_blank_query_lists_all_by_id_with_even_relevance(string? text)
    {
        var page = Index.Search(new SearchQuery { Text = text });

        Assert.Equal([new("a", 0.5), new("b", 0.5), new("c", 0.5)], page.Hits);
        Assert.Equal(3, page.TotalCount);
    }

    [Theory]
    [InlineData("!!!")]
    [InlineData("🎵")]
    [InlineData("nowhere")]
    public void A_query_that_nothing_answers_finds_nothing(string text) =>
        Assert.Equal(0, Index.Search(new SearchQuery { Text = text }).TotalCount);

    [Fact]
    public void An_empty_index_finds_nothing() => Assert.Equal(SearchPage.Empty, new SearchIndex().Search(new SearchQuery { Text = "text" }));

    [Fact]
    public void A_listing_is_ordered_by_boost_then_id()
    {
        var boosts = new Dictionary<string, int> { ["c"] = 1 };
        Assert.Equal(["c", "a", "b"], Index.Find(new SearchQuery { Boosts = boosts }));
    }

    [Theory]
    [InlineData("WRITING", new[] { "a", "b" })]
    [InlineData("legal", new[] { "c" })]
    [InlineData("writ", new string[0])]
    public void A_category_is_matched_whole_ignoring_case(string category, string[] expected) =>
        Assert.Equal(expected, Index.Find(new SearchQuery { Category = category }));

    [Theory]
    [InlineData("acme", new[] { "a" })]
    [InlineData("ACME", new[] { "b" })]
    [InlineData("nobody", new string[0])]
    public void A_provider_is_matched_whole_and_to_the_letter(string provider, string[] expected)
    {
        var index = SearchFixture.Index(Service("a", "text one", provider: "acme"), Service("b", "text two", provider: "ACME"), Service("c", "text acme"));

        Assert.Equal(expected, index.Find(new SearchQuery { Provider = provider }));
        Assert.Equal(expected, index.Find(new SearchQuery { Text = "text", Provider = provider }));
    }

    [Fact]
    public void What_is_liked_comes_first_and_may_be_all_that_is_wanted()
    {
        var index = SearchFixture.Index(Service("a", "text", category: "law"), Service("b", "text", category: "art"), Service("c", "text", category: "law", provider: "acme"), Service("d", "text"));
        var liked = new Preference(["ART", "unknown"], ["acme"]);

        Assert.Equal(["b", "c", "a", "d"], index.Find(new SearchQuery { Preferred = liked }));
        Assert.Equal(["b", "c"], index.Find(new SearchQuery { Preferred = liked, OnlyPreferred = true }));
        Assert.Equal(["c"], index.Find(new SearchQuery { Text = "text", Preferred = liked, OnlyPreferred = true, Category = "law" }));
        Assert.Equal(["d", "b", "c", "a"], index.Find(new SearchQuery { Preferred = liked, Boosts = new Dictionary<string, int> { ["d"] = 2 } }));
        Assert.Equal(["c", "b", "a", "d"], index.Find(new SearchQuery { Preferred = liked, Boosts = new Dictionary<string, int> { ["c"] = 1 } }));
        Assert.Empty(index.Find(new SearchQuery { Preferred = new([], []), OnlyPreferred = true }));
        Assert.Empty(index.Find(new SearchQuery { OnlyPreferred = true }));
    }

    [Fact]
    public void A_provider_of_a_document_that_was_replaced_is_forgotten()
    {
        var index = SearchFixture.Index(Service("a", "text", provider: "acme"));
        index.Upsert(Service("a", "text", provider: "other"));

        Assert.Empty(index.Find(new SearchQuery { Provider = "acme" }));
        Assert.Equal(["a"], index.Find(new SearchQuery { Provider = "other" }));
    }

    [Theory]
    [InlineData(99, new string[0])]
    [InlineData(100, new[] { "a" })]
    [InlineData(299, new[] { "a", "b" })]
    public void The_maximum_price_is_included(long maxPriceMicros, string[] expected) =>
        Assert.Equal(expected, Index.Find(new SearchQuery { MaxPriceMicros = maxPriceMicros }));

    [Theory]
    [InlineData(1_000_000_000_000, 1_001)]
    [InlineData(4_294_967_296, 5)]
    [InlineData(2_147_483_648, 3)]
    [InlineData(999_999_999, 1)]
    public void The_maximum_price_is_compared_in_all_its_digits_where_many_documents_are_compared_at_once(long maxPriceMicros, int expected)
    {
        var index = SearchFixture.Index([.. Enumerable.Range(0, 2_000).Select(n => Service($"s{n}", "text", priceMicros: n * 1_000_000_000L))]);
        var page = index.Search(new SearchQuery { MaxPriceMicros = maxPriceMicros, Limit = 1 });
        Assert.Equal(expected, page.TotalCount);
    }

    [Theory]
    [InlineData(new string[0], null, new string[0])]
    [InlineData(new[] { "legal", "unknown" }, null, new[] { "c" })]
    [InlineData(new[] { "legal" }, "writing", new string[0])]
    [InlineData(new[] { "legal", "writing" }, "writing", new[] { "a", "b" })]
    public void Nothing_outside_the_allowed_categories_is_found(string[] allowed, string? category, string[] expected) =>
        Assert.Equal(expected, Index.Find(new SearchQuery { AllowedCategories = allowed, Category = category }));

    [Fact]
    public void Only_the_given_ids_are_found()
    {
        var only = new HashSet<string> { "c", "a", "unknown" };
        Assert.Equal(["a", "c"], Index.Find(new SearchQuery { OnlyIds = only }));
        Assert.Empty(Index.Find(new SearchQuery { OnlyIds = new HashSet<string>() }));
    }

    [Fact]
    public void Filters_hold_together_with_text()
    {
        var query = new SearchQuery { Text = "text", Category = "writing", MaxPriceMicros = 250, OnlyIds = new HashSet<string> { "b", "c" } };
        Assert.Equal(["b"], Index.Find(query));
    }
}
