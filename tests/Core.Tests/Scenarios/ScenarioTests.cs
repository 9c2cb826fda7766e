using Agora.Core.Kernel;
using Agora.Core.Scenarios;

namespace Agora.Core.Tests.Scenarios;

/// <summary>Each put that changes something is the next version, and what is there is never another.</summary>
public sealed class ScenarioTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ScenarioDefinition Late = new("A delay", "en", "A test fails.", "You found it.", new("Ms Sato", "Fair."), ["Say it."], [new("facts", "Facts", "Says what.", 2, 4)], new(true, 3), new(8), new("partner"));

    private ScenarioState _scenario = new(new("default", Kinds.Scenario, "late"), null);

    [Fact]
    public void Each_put_that_changes_something_is_the_next_version_and_the_same_again_changes_nothing()
    {
        Assert.Equal(1, Does(new ScenarioCommand.Put(Late)).Version);
        Assert.Equal(1, Does(new ScenarioCommand.Put(Late)).Version);
        Assert.Equal(2, Does(new ScenarioCommand.Put(Late with { Title = "Another" })).Version);
        Assert.Equal(3, Does(new ScenarioCommand.Put(Late)).Version);
        Assert.Equal(_scenario.View!.Version, ScenarioCodec.Restore(ScenarioCodec.Save(_scenario)).View!.Version);
    }

    [Fact]
    public void A_put_that_expects_another_version_is_refused_and_says_which_is_there()
    {
        var first = Does(new ScenarioCommand.Put(Late)).Etag;
        var second = Does(new ScenarioCommand.Put(Late with { Title = "Another" })).Etag;
        Does(new ScenarioCommand.Put(Late));

        // The same words in another version have another tag.
        Assert.NotEqual(first, _scenario.View!.Etag);
        Assert.Equal(Codes.PreconditionFailed, Refused(new ScenarioCommand.Put(Late with { Title = "Mine" }, new(Precondition.IsStill(second))))?.Code);
        Assert.Equal(4, Does(new ScenarioCommand.Put(Late with { Title = "Mine" }, new(Precondition.IsStill(_scenario.View!.Etag)))).Version);
    }

    [Fact]
    public void A_retired_one_is_opened_by_a_put_as_a_version_of_its_own()
    {
        Assert.Equal(ScenarioRejection.NotFound, Refused(new ScenarioCommand.Retire()));
        Assert.Equal(ScenarioRejection.NotFound, Refused(new ScenarioCommand.Get()));
        Does(new ScenarioCommand.Put(Late));
        Assert.True(Does(new ScenarioCommand.Retire()).Retired);
        Assert.True(Does(new ScenarioCommand.Retire()).Retired);

        var opened = Does(new ScenarioCommand.Put(Late));
        Assert.Equal((2, false), (opened.Version, opened.Retired));
    }

    [Fact]
    public void One_that_has_no_end_no_rubric_or_hints_without_bound_is_refused()
    {
        foreach (var turns in (int[])[0, -1, ScenarioLimits.Turns + 1]) Assert.Equal(ScenarioRejection.NoEnd, Refused(new ScenarioCommand.Put(Late with { Ends = new(turns) })));

        var one = Late.Criteria[0];
        foreach (var criteria in (IReadOnlyList<Criterion>[])[[], [one, one], [one with { Weight = 0 }], [one with { Weight = 101 }], [one with { Levels = 1 }], [one with { Levels = 11 }], [.. Enumerable.Range(0, 13).Select(n => one with { Id = $"c{n}" })]])
        {
            Assert.Equal(ScenarioRejection.NoRubric, Refused(new ScenarioCommand.Put(Late with { Criteria = criteria })));
        }

        foreach (var hints in (ScenarioHints[])[new(true, 0), new(true, 51), new(false, -1)]) Assert.Equal(ScenarioRejection.TooManyHints, Refused(new ScenarioCommand.Put(Late with { Hints = hints })));
    }

    [Fact]
    public void It_has_so_many_versions_and_no_more()
    {
        Does(new ScenarioCommand.Put(Late));
        _scenario = _scenario with { View = _scenario.View! with { Version = ScenarioLimits.Versions } };

        Assert.Equal(ScenarioRejection.TooManyVersions, Refused(new ScenarioCommand.Put(Late with { Title = "One too many" })));
    }

    private ScenarioView Does(ScenarioCommand command)
    {
        var decision = ScenarioDecider.Decide(_scenario, command, new(Start, Guid.Empty));
        foreach (var happened in decision.Events)
        {
            _scenario = _scenario.Evolve(happened);
            _scenario.CheckInvariants();
            Assert.Equal(decision.Answer!.Reply, ScenarioDecider.Recall(happened, Guid.Empty)!.Answer.Reply);
        }

        return (ScenarioView)decision.Answer!.Reply!;
    }

    private Rejection? Refused(ScenarioCommand command)
    {
        var decision = ScenarioDecider.Decide(_scenario, command, new(Start, Guid.Empty));
        Assert.Empty(decision.Events);
        return decision.Answer!.Rejection;
    }
}
