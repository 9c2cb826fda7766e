namespace Agora.Models.Tests;

public sealed class PriceTests
{
    private static readonly PriceVersion Prices = new(1, default, [new Rate(Input: 1_000_000, Output: 3_000_000, CacheWrite: 2_000_000)]);

    public static TheoryData<Usage, long> Parts => new()
    {
        { new(Input: 1_000_000), 1_000_000 },
        { new(CacheRead: 1_000_000), 1_000_000 },
        { new(CacheWrite: 1_000_000), 2_000_000 },
        { new(CacheWriteLong: 1_000_000), 2_000_000 },
        { new(Output: 1_000_000), 3_000_000 },
        { new(Reasoning: 1_000_000), 3_000_000 },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void What_has_no_rate_of_its_own_costs_what_it_is_part_of(Usage used, long cost) => Assert.Equal(cost, Prices.Cost(used, null));

    private const long Bound = 200_000;

    /// <summary>Each bucket at a price of its own, on either side of a long context.</summary>
    private static readonly Rate Short = new(Input: 1_000_000, Output: 10_000_000, CacheRead: 100_000, CacheWrite: 1_250_000, CacheWriteLong: 2_000_000, Reasoning: 9_000_000, InputAudio: 5_000_000);

    private static readonly Rate Long = new(Input: 3_000_000, Output: 30_000_000, AboveInputTokens: Bound, CacheRead: 300_000, CacheWrite: 3_750_000, CacheWriteLong: 6_000_000, Reasoning: 27_000_000, InputAudio: 15_000_000);

    private static readonly Rate Longer = new(Input: 7_000_000, Output: 70_000_000, AboveInputTokens: 2 * Bound, CacheRead: 700_000, CacheWrite: 8_750_000, CacheWriteLong: 14_000_000, Reasoning: 63_000_000, InputAudio: 35_000_000);

    private static readonly PriceVersion Contexts = new(1, default, [Short, Longer, Long]);

    /// <summary>Whatever was read counts for the bound: fresh, cached, written to a cache, heard. What is written does not.</summary>
    public static TheoryData<Usage> AtTheBound =>
    [
        new(Input: Bound, Output: 7),
        new(CacheRead: Bound, Output: 7),
        new(CacheWrite: Bound, Output: 7),
        new(CacheWriteLong: Bound, Output: 7),
        new(InputAudio: Bound, Output: 7),
        new(Input: 1, CacheRead: Bound - 1, Output: 1_000_000, Reasoning: 1_000_000),
        new(Input: 40_000, CacheRead: 40_000, CacheWrite: 40_000, CacheWriteLong: 40_000, InputAudio: 40_000, Output: 3, Reasoning: 4),
    ];

    [Theory]
    [MemberData(nameof(AtTheBound))]
    public void A_call_that_read_as_much_as_the_bound_costs_the_rate_below_it_and_one_token_more_of_any_kind_all_at_the_rate_above_it(Usage used)
    {
        Assert.Equal(At(Short, used), Contexts.Cost(used, null));
        foreach (var more in OneMore(used)) Assert.Equal(At(Long, more), Contexts.Cost(more, null));
    }

    [Theory]
    [MemberData(nameof(AtTheBound))]
    public void Above_two_bounds_the_higher_one_counts(Usage used)
    {
        var twice = used with { CacheRead = used.CacheRead + Bound };
        Assert.Equal(At(Long, twice), Contexts.Cost(twice, null));
        foreach (var more in OneMore(twice)) Assert.Equal(At(Longer, more), Contexts.Cost(more, null));
    }

    [Fact]
    public void What_is_held_is_the_dearest_that_may_apply_on_either_side_of_the_bound()
    {
        Assert.Equal((Bound * 2) + 10, Contexts.Bound(Bound, 1, null, writesCache: true));
        Assert.Equal(((Bound + 1) * 6) + 30, Contexts.Bound(Bound + 1, 1, null, writesCache: true));
        Assert.Equal(((Bound + 1) * 3) + 30, Contexts.Bound(Bound + 1, 1, null, writesCache: false));
        Assert.Equal(1, Contexts.OutputTokensFor(((Bound + 1) * 6) + 30, Bound + 1, null, writesCache: true));
        Assert.Equal(0, Contexts.OutputTokensFor(((Bound + 1) * 6) + 29, Bound + 1, null, writesCache: true));
    }

    [Fact]
    public void No_call_costs_more_than_was_held_however_its_tokens_are_shared_out_and_wherever_the_bound_is()
    {
        var random = new Random(37);
        for (var i = 0; i < 20_000; i++)
        {
            var read = random.Next(4) == 0 ? (random.Next(1, 3) * Bound) + random.Next(-1, 2) : random.NextInt64(3 * Bound);
            var parts = new[] { random.NextInt64(read + 1), random.NextInt64(read + 1), random.NextInt64(read + 1) }.Order().ToArray();
            var reasoning = random.NextInt64(1_000);
            var used = new Usage(Input: parts[0], CacheRead: parts[1] - parts[0], CacheWrite: parts[2] - parts[1], CacheWriteLong: read - parts[2], Output: 1_000 - reasoning, Reasoning: reasoning);

            Assert.InRange(Contexts.Cost(used, null)!.Value, 0, Contexts.Bound(read + random.Next(2), 1_000, null, writesCache: true)!.Value);
            Assert.Equal(At(read > 2 * Bound ? Longer : read > Bound ? Long : Short, used), Contexts.Cost(used, null));
        }
    }

    private static IEnumerable<Usage> OneMore(Usage used) =>
    [
        used with { Input = used.Input + 1 }, used with { CacheRead = used.CacheRead + 1 }, used with { CacheWrite = used.CacheWrite + 1 }, used with { CacheWriteLong = used.CacheWriteLong + 1 },
        used with { InputAudio = used.InputAudio + 1 },
    ];

    /// <summary>In exact decimals, by the rate alone.</summary>
    private static long At(Rate rate, Usage used) => (long)Math.Ceiling(
        ((decimal)used.Input * rate.Input) / Rate.PerTokens + ((decimal)used.CacheRead * rate.CacheRead!.Value / Rate.PerTokens) + ((decimal)used.CacheWrite * rate.CacheWrite!.Value / Rate.PerTokens)
        + ((decimal)used.CacheWriteLong * rate.CacheWriteLong!.Value / Rate.PerTokens) + ((decimal)used.InputAudio * rate.InputAudio!.Value / Rate.PerTokens) + ((decimal)used.Output * rate.Output / Rate.PerTokens)
        + ((decimal)used.Reasoning * rate.Reasoning!.Value / Rate.PerTokens));
}
