using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;

namespace Agora.Core.Tests.Runs;

public sealed class ModelUseTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Tokens_of_calls_under_way_count_as_held_and_of_those_that_ended_as_used()
    {
        var use = ModelUse.None.Begin(100, Noon).Begin(50, Noon);
        Assert.Equal((0, 150, 0, 2), (use.Tokens, use.HeldTokens, use.Calls, use.HeldCalls));
        use = use.End(100, 30, Noon).End(50, null, Noon);
        Assert.Equal((30, 0, 1, 0, 30, 2), (use.Tokens, use.HeldTokens, use.Calls, use.HeldCalls, use.MinuteTokens, use.MinuteCalls));
    }

    [Theory]
    [InlineData(180, null, null, null, null)]
    [InlineData(179, null, null, null, Codes.BudgetExceeded)]
    [InlineData(null, 3, null, null, null)]
    [InlineData(null, 2, null, null, Codes.BudgetExceeded)]
    [InlineData(null, null, 180, null, null)]
    [InlineData(null, null, 179, null, Codes.RateLimited)]
    [InlineData(null, null, 49, null, Codes.BudgetExceeded)]
    [InlineData(null, null, null, 3, null)]
    [InlineData(null, null, null, 2, Codes.RateLimited)]
    public void A_call_is_begun_while_all_of_it_fits(int? tokens, int? calls, int? perMinute, int? callsPerMinute, string? refused)
    {
        var use = ModelUse.None.Begin(100, Noon).Begin(90, Noon).End(90, 30, Noon);
        Assert.Equal(refused, use.Refusal(new(tokens, calls, perMinute, callsPerMinute), "s-1", 50, Noon.AddSeconds(59))?.Code);
    }

    [Fact]
    public void A_minute_is_over_after_a_minute_and_what_is_under_way_counts_in_the_next()
    {
        var use = ModelUse.None.Begin(100, Noon).Begin(90, Noon).End(90, 30, Noon);
        var limit = new ModelAllowance(TokensPerMinute: 179, CallsPerMinute: 2);
        var refused = use.Refusal(limit, "s-1", 50, Noon.AddSeconds(20.5))!;
        Assert.Equal((Codes.RateLimited, 40), (refused.Code, refused.RetryAfterSeconds));
        Assert.Null(use.Refusal(limit, "s-1", 50, Noon.AddMinutes(1)));
        Assert.Equal(Codes.RateLimited, use.Refusal(limit, "s-1", 80, Noon.AddMinutes(1))?.Code);
    }

    [Fact]
    public void Whoever_asks_for_less_has_less_and_for_more_is_refused()
    {
        var granted = new ModelAllowance(Tokens: 100, CallsPerMinute: 5);
        Assert.Equal(granted, ModelAllowance.Narrowed(granted, null));
        Assert.Equal(new(Tokens: 50, Calls: 7, CallsPerMinute: 5), ModelAllowance.Narrowed(granted, new(Tokens: 50, Calls: 7)));
        Assert.Null(ModelAllowance.Exceeding(granted, new(Tokens: 100, TokensPerMinute: 1_000)));
        Assert.Equal(("model_limits.calls_per_minute", "6"), ModelAllowance.Exceeding(granted, new(CallsPerMinute: 6)));
        Assert.Null(ModelAllowance.Exceeding(null, granted));
        Assert.Equal(new(Tokens: 50, CallsPerMinute: 5), ModelAllowance.Both(granted, new(Tokens: 50)));
        Assert.Same(granted, ModelAllowance.Both(granted, new(Tokens: 200)));
    }
}
