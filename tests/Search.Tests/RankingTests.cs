using static Agora.Search.Tests.SearchFixture;

namespace Agora.Search.Tests;

public sealed class RankingTests
{
    [Fact]
    public void A_word_in_the_name_outranks_the_category_and_the_category_outranks_the_description()
    {
        var index = Index(
            Service("a-description", "one two", "weather", "three"),
            Service("b-category", "one two", "three", "weather"),
            Service("c-name", "weather two", "three", "one"));

        Assert.Equal(["c-name", "b-category", "a-description"], index.Find("weather"));
    }

    [Fact]
    public void A_rare_word_counts_more_than_a_common_one()
    {
        var index = Index(
            Service("common", "text", "plain"),
            Service("rare", "contract", "plain"),
            Service("z1", "text"), Service("z2", "text"), Service("z3", "text"));

        Assert.Equal("rare", index.Find("text contract")[0]);
    }

    [Fact]
    public void More_of_the_terms_in_a_shorter_text_ranks_first()
    {
        var index = Index(
            Service("long", "legal text", "one two three four five six seven eight nine ten"),
            Service("short", "legal text"),
            Service("half", "legal"));

        Assert.Equal(["short", "long", "half"], index.Find("legal text"));
    }

    [Fact]
    public void Repeating_a_word_a_thousand_times_does_not_beat_a_name_that_has_all_the_words()
    {
        var index = Index(
            Service("stuffed", "x", string.Join(' ', Enumerable.Repeat("translate", 1_000))),
            Service("honest", "translate contracts"));

        Assert.Equal(["honest", "stuffed"], index.Find("translate contracts"));
    }

    [Theory]
    [InlineData("translation")]
    [InlineData("translate")]
    [InlineData("Translating")]
    [InlineData("TRANSLATES")]
    [InlineData("translated")]
    public void Forms_of_a_word_find_each_other(string query) =>
        Assert.Equal(["t"], Index(Service("t", "Translation"), Service("other", "Transport")).Find(query));

    [Theory]
    [InlineData("currencies", "currency")]
    [InlineData("boxes", "box")]
    [InlineData("running", "runs")]
    [InlineData("summarization", "summarize")]
    [InlineData("café", "cafe")]
    [InlineData("cafe\u0301", "café")]
    [InlineData("user’s", "users")]
    [InlineData("Привет", "привет")]
    public void Spellings_that_mean_the_same_find_each_other(string written, string query) =>
        Assert.Equal(["t"], Index(Service("t", written), Service("other", "unrelated")).Find(query));

    [Theory]
    [InlineData("string", "str")]
    [InlineData("status", "statu")]
    [InlineData("gpt4", "gpt")]
    [InlineData("form", "format")]
    public void Words_that_only_look_alike_stay_apart(string written, string query) =>
        Assert.Empty(Index(Service("t", written)).Find(query));

    [Fact]
    public void Function_words_find_nothing_beside_words_that_tell_something()
    {
        var index = Index(Service("t", "A translator"), Service("noise", "The weather for you"));

        Assert.Equal(["t"], index.Find("I need a translator for the web"));
        Assert.Equal(["noise"], index.Find("the"));
    }

    [Fact]
    public void A_boost_lifts_a_document_over_its_equal_and_each_class_over_the_one_below()
    {
        var index = Index(Service("a", "text"), Service("b", "text"), Service("c", "text"), Service("d", "text"));
        var boosts = new Dictionary<string, int> { ["b"] = 0, ["c"] = 1, ["d"] = Relevance.MaxBoost };

        var hits = index.Search(new SearchQuery { Text = "text", Boosts = boosts }).Hits;

        Assert.Equal(["d", "c", "a", "b"], hits.Select(hit => hit.Id));
        Assert.True(hits[0].Relevance > hits[1].Relevance && hits[1].Relevance > hits[2].Relevance);
        Assert.Equal(hits[2].Relevance, hits[3].Relevance);
    }

    [Fact]
    public void A_boost_does_not_lift_a_poor_match_over_a_good_one()
    {
        var index = Index(Service("good", "legal translation"), Service("poor", "cooking", "not legal advice but recipes"));
        var boosts = new Dictionary<string, int> { ["poor"] = Relevance.MaxBoost };

        Assert.Equal(["good", "poor"], index.Find(new SearchQuery { Text = "legal translation", Boosts = boosts }));
    }

    [Fact]
    public void A_boost_beyond_the_highest_class_is_refused()
    {
        var index = Index(Service("a", "text"));
        SearchQuery With(int boost) => new() { Text = "text", Boosts = new Dictionary<string, int> { ["a"] = boost } };

        Assert.Throws<ArgumentOutOfRangeException>(() => index.Search(With(Relevance.MaxBoost + 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Search(With(-1)));
    }

    [Fact]
    public void Asking_for_more_than_a_document_has_lowers_its_relevance()
    {
        var index = Index(Service("a", "legal text"), Service("b", "weather"));

        double whole = index.Search(new SearchQuery { Text = "legal" }).Hits[0].Relevance;
        double part = index.Search(new SearchQuery { Text = "legal nowhere" }).Hits[0].Relevance;

        Assert.InRange(part, 0.01, whole * 0.9);
        Assert.InRange(whole, 0.5, 1);
    }
}
