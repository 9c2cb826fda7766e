using Agora.Application.Models;
using Agora.Core.Kernel;
using Agora.Testing;

namespace Agora.Api.Tests.Models;

/// <summary>How soon models begin, as one process has measured it of late.</summary>
public sealed class FirstTimesTests
{
    private readonly SimTimeProvider _time = new();

    [Fact]
    public void It_is_the_median_of_each_tenants_model_and_one_that_is_late_moves_nothing()
    {
        var firsts = new FirstTimes(_time);
        foreach (var ms in new[] { 300, 100, 9_000, 200, 100 }) firsts.Add("a", "m", ms);
        firsts.Add("b", "m", 7);

        Assert.Equal((200, 7, null), (firsts.Of("a", "m"), firsts.Of("b", "m"), firsts.Of("a", "n")));
    }

    [Fact]
    public void What_is_long_ago_or_behind_the_last_ones_is_forgotten()
    {
        var firsts = new FirstTimes(_time);
        firsts.Add("a", "m", 5_000);
        _time.Advance(Limits.FirstTimeKept);
        Assert.Equal(5_000, firsts.Of("a", "m"));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(firsts.Of("a", "m"));

        for (var n = 0; n < 2 * Limits.FirstTimesKept; n++) firsts.Add("a", "m", n < Limits.FirstTimesKept ? 1 : 2);
        Assert.Equal(2, firsts.Of("a", "m"));
    }

    [Fact]
    public void Of_too_many_models_the_one_is_forgotten_that_was_called_longest_ago()
    {
        var firsts = new FirstTimes(_time);
        for (var n = 0; n < Limits.FirstTimesOfModels; n++)
        {
            firsts.Add("a", $"m{n}", n);
            _time.Advance(TimeSpan.FromTicks(1));
        }

        firsts.Add("a", "m0", 0);
        firsts.Add("a", "one-more", 8);

        Assert.Equal((0, null, 2, 8), (firsts.Of("a", "m0"), firsts.Of("a", "m1"), firsts.Of("a", "m2"), firsts.Of("a", "one-more")));
    }
}
