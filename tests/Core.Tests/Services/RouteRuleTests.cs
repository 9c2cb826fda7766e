using Agora.Core.Services;

namespace Agora.Core.Tests.Services;

/// <summary>When a rule fits, and why, as the run says it.</summary>
public sealed class RouteRuleTests
{
    private static readonly RouteFacts Facts = new(InputTokens: 100, HasTools: true, HasImages: false, Wish: "cheap", FreeMicros: 50_000, Sentiment: "negative");
    private static readonly Guid Call = Guid.Parse("01957a00-0000-7000-8000-000000000000");

    public static TheoryData<RouteRule, string?> Rules => new()
    {
        { new("m"), "no rule before it fits" },
        { new("m", InputTokensBelow: 101), "less than 101 tokens are read" },
        { new("m", InputTokensBelow: 100), null },
        { new("m", HasTools: true, HasImages: false), "it has tools, it has no images" },
        { new("m", HasTools: false), null },
        { new("m", HasImages: true), null },
        { new("m", Wish: "cheap"), "cheap is wished for" },
        { new("m", Wish: "dear"), null },
        { new("m", FreeBelowMicros: 50_001), "less than 5.0001 cents are left" },
        { new("m", FreeBelowMicros: 50_000), null },
        { new("m", ShareBasisPoints: 1), "it is among 1 of 10000" },
        { new("m", ShareBasisPoints: 0), null },
        { new("m", Sentiment: "negative"), "what is said sounds negative" },
        { new("m", Sentiment: "positive"), null },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_rule_fits_where_all_of_its_conditions_do(RouteRule rule, string? why) => Assert.Equal(why, rule.Why(Facts, Call));

    [Fact]
    public void What_nobody_has_judged_sounds_like_nothing_that_a_rule_names() => Assert.Null(new RouteRule("m", Sentiment: "neutral").Why(Facts with { Sentiment = null }, Call));

    [Theory]
    [InlineData(null, "nothing says that its first token takes 500 ms")]
    [InlineData(499, "its first token comes after 499 ms, less than 500")]
    [InlineData(500, null)]
    public void A_model_that_has_begun_late_of_late_does_not_fit_and_one_that_nobody_has_measured_does(int? first, string? why) =>
        Assert.Equal(why, new RouteRule("m", FirstMsBelow: 500).Why(Facts with { FirstMs = first }, Call));

    [Fact]
    public void A_shadows_share_is_drawn_apart_from_the_rules_own()
    {
        var (rule, shadow) = (new RouteRule("m", ShareBasisPoints: 1_000), new RouteShadow("n", 1_000));
        var random = new Random(7);
        var calls = Enumerable.Range(0, 20_000).Select(_ => Id(random)).ToList();

        var routed = calls.Where(call => rule.Why(Facts, call) is not null).ToList();

        Assert.InRange(routed.Count, 1_800, 2_200);
        Assert.InRange(calls.Count(shadow.Takes), 1_800, 2_200);
        Assert.InRange(routed.Count(shadow.Takes), 140, 260);
        Assert.DoesNotContain(calls, new RouteShadow("n", 0).Takes);
        Assert.All(calls, call => Assert.True(new RouteShadow("n", RouteRule.Whole).Takes(call)));
    }

    private static Guid Id(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        (bytes[6], bytes[8]) = ((byte)(0x70 | (bytes[6] & 0x0f)), (byte)(0x80 | (bytes[8] & 0x3f)));
        return new(bytes, bigEndian: true);
    }
}
