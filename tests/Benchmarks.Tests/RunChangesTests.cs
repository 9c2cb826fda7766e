using Agora.Benchmarks.Results;

namespace Agora.Benchmarks.Tests;

/// <summary>Two runs held beside each other: what differs by more than noise is said, and only that.</summary>
public sealed class RunChangesTests
{
    private static readonly Machine Machine = new(2, "p", 8, "Linux", "10.0", null);

    [Theory]
    [InlineData("1,000", "1,160", "+16 %")]
    [InlineData("1,000", "500", "-50 %")]
    [InlineData("1,000", "1,140", null)]
    [InlineData("1,000", "none", null)]
    public void A_figure_that_changed_by_more_than_the_noise_is_named_with_its_change(string before, string now, string? change)
    {
        var text = RunChanges.Of(Of(("runs a second", before)), Of(("runs a second", now)), noisePercent: 15);
        if (change is null)
            Assert.Contains("None.", text, StringComparison.Ordinal);
        else
            Assert.Contains(text.Split('\n'), line => line.Contains("part: runs a second, figure", StringComparison.Ordinal) && line.Contains(change, StringComparison.Ordinal));
    }

    [Fact]
    public void A_change_within_what_its_own_rounds_differed_by_is_noise()
    {
        Run With(string rate, string rounds) => Of(new Measures([], [new("", ["", "a second, median", "least–most"], [["Agora", rate, rounds]])]));
        Assert.Contains("None.", RunChanges.Of(With("1,000", "800–1,200"), With("1,300", "1,290–1,310"), 15), StringComparison.Ordinal);
        Assert.Contains("+30 %", RunChanges.Of(With("1,000", "990–1,010"), With("1,300", "1,290–1,310"), 15), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_of_one_name_are_held_beside_each_other_in_their_order()
    {
        var text = RunChanges.Of(Of(("a", "1"), ("  p50", "10"), ("b", "1"), ("  p50", "20")), Of(("a", "1"), ("  p50", "10"), ("b", "1"), ("  p50", "40")), 15);
        Assert.Single(text.Split('\n'), line => line.Contains("+100 %", StringComparison.Ordinal));
    }

    [Fact]
    public void A_part_that_was_called_otherwise_is_named_and_not_compared()
    {
        var now = Of(("runs a second", "2,000"));
        var text = RunChanges.Of(Of(("runs a second", "1,000")), now with { Parts = [now.Parts[0] with { Arguments = "part --seconds 9" }] }, 15);
        Assert.Contains("part was called otherwise: part --seconds 4", text, StringComparison.Ordinal);
        Assert.Contains("None.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_machine_is_said() =>
        Assert.Contains("Another machine: 4 cores of p", RunChanges.Of(Of(("a", "1")) with { Machine = Machine with { Cores = 4 } }, Of(("a", "1")), 15), StringComparison.Ordinal);

    private static Run Of(params (string What, string Value)[] lines) => Of(Measures.Of([.. lines.Select(line => (line.What, line.Value, ""))]));

    private static Run Of(Measures measures) => new("quick", DateTimeOffset.UnixEpoch, "abc", Machine, [new("part", "part --seconds 4", "abc", 4, "0.1", measures)]);
}
