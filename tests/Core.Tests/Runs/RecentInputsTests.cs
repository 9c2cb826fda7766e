using Agora.Core.Kernel;
using Agora.Core.Runs;

namespace Agora.Core.Tests.Runs;

/// <summary>Each state sees its own inputs, whatever was added to it or beside it since.</summary>
public sealed class RecentInputsTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_state_keeps_its_last_inputs_in_order_though_others_go_on_from_it()
    {
        var states = new List<(RecentInputs Inputs, List<string> Model)> { (RecentInputs.None, []) };
        for (var n = 0; n < 3 * Limits.DuplicateMemory; n++)
        {
            var (inputs, model) = states[^(n % 7 == 6 && n > 7 ? 3 : 1)]; // now and then beside the line, as from a state that was thrown away
            states.Add((inputs.Add(new("echo", $"h{n}", Guid.Empty, Start.AddSeconds(n))), [.. model.Append($"h{n}").TakeLast(Limits.DuplicateMemory)]));
        }

        Assert.All(states, s => Assert.Equal(s.Model, s.Inputs.Select(i => i.InputHash)));
        Assert.All(states, s => Assert.Equal(s.Model.Count, s.Inputs.Count));
        Assert.All(states, s => Assert.Equal(s.Model.LastOrDefault(), s.Inputs.Find("echo", s.Model.LastOrDefault() ?? "", Start.AddSeconds(-1))?.InputHash));
        Assert.All(states.Where(s => !s.Model.Contains("h0")), s => Assert.Null(s.Inputs.Find("echo", "h0", Start.AddSeconds(-1))));
    }

    [Fact]
    public void The_last_of_the_same_input_counts_and_only_while_it_is_younger()
    {
        var (first, second) = (new RecentInput("echo", "h", new(1, 0, 0, new byte[8]), Start), new RecentInput("echo", "h", new(2, 0, 0, new byte[8]), Start.AddSeconds(9)));
        var inputs = RecentInputs.Of([first, second, new("other", "h", Guid.Empty, Start.AddSeconds(10))]);
        Assert.Equal(second, inputs.Find("echo", "h", Start));
        Assert.Null(inputs.Find("echo", "h", second.At));
        Assert.Equal(first, inputs.Without(second.RunId).Find("echo", "h", Start.AddSeconds(-1)));
    }
}
