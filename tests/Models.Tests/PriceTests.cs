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
}
