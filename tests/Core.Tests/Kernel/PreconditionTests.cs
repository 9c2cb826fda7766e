using Agora.Core.Kernel;

namespace Agora.Core.Tests.Kernel;

public sealed class PreconditionTests
{
    private const string Tag = "\"a\"";
    private const string Other = "\"b\"";

    public static TheoryData<string[]?, string[]?, string?, bool> Rows => new()
    {
        { null, null, Tag, true },
        { null, null, null, true },
        { [Tag], null, Tag, true },
        { [Other, Tag], null, Tag, true },
        { [Other], null, Tag, false },
        { [Tag], null, null, false },
        { [], null, Tag, false },
        { ["*"], null, Tag, true },
        { ["*"], null, null, false },
        { null, ["*"], null, true },
        { null, ["*"], Tag, false },
        { null, [Tag], Tag, false },
        { null, [Other], Tag, true },
        { null, [Tag], null, true },
        { [Tag], [Tag], Tag, false },
        { [Tag], [Other], Tag, true },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void What_is_expected_holds_or_is_refused_with_the_tag_that_is_there(string[]? match, string[]? noneMatch, string? current, bool holds)
    {
        var refusal = new Precondition(match, noneMatch).Refusal(current);

        Assert.Equal(holds, refusal is null);
        Assert.Equal(holds ? null : Codes.PreconditionFailed, refusal?.Code);
        Assert.Equal(holds ? null : new Fact("etag", current ?? "null", Raw: current is null), refusal?.Facts?.Single());
    }

    /// <summary>Each row with each: what both say holds where each holds alone.</summary>
    [Fact]
    public void Two_that_are_expected_hold_where_each_holds()
    {
        string?[] tags = [Tag, Other, null];
        var all = Rows.Select(row => new Precondition((string[]?)row[0], (string[]?)row[1])).ToList();
        foreach (var (one, other, tag) in all.SelectMany(one => all.SelectMany(other => tags.Select(tag => (one, other, tag)))))
        {
            Assert.Equal(one.Refusal(tag) is null && other.Refusal(tag) is null, one.And(other).Refusal(tag) is null);
        }
    }

    [Fact]
    public void A_tag_is_short_quoted_and_of_the_content_alone()
    {
        var tag = EntityTags.Of(new[] { "a" });

        Assert.Matches("^\"[A-Za-z0-9_-]{22}\"$", tag);
        Assert.Equal(tag, EntityTags.Of(new List<string> { "a" }));
        Assert.NotEqual(tag, EntityTags.Of(new[] { "b" }));
    }

    [Theory]
    [InlineData("a b", "a b", "", "a b")]
    [InlineData("a b", "a", "", "a")]
    [InlineData("a b", "a b", "b", "a")]
    [InlineData("a", "b", "", "")]
    [InlineData("", "a", "", "")]
    public void What_is_dropped_had_a_value_was_not_named_and_has_none_any_more(string before, string unnamed, string after, string dropped) =>
        Assert.Equal(Names(dropped), new Replacing(Unnamed: Names(unnamed)).Dropped(Names(before), Names(after)) ?? []);

    [Fact]
    public void Nothing_is_dropped_of_what_was_not_there_or_by_whom_nobody_asked()
    {
        Assert.Null(new Replacing(Unnamed: ["a"]).Dropped(null, []));
        Assert.Null(new Replacing().Dropped(["a"], []));
    }

    private static string[] Names(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
