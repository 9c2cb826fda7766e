using Agora.ScriptedModels;
using static Agora.Api.Tests.Watches.WatchWorld;

namespace Agora.Api.Tests.Watches;

/// <summary>Turns of dialogues that are under way at once are shared by all tenants, users and sessions of a process.</summary>
public sealed class FairTurnTests
{
    /// <summary>More than all the turns that one process makes at once.</summary>
    private const int Dialogues = 70;

    /// <summary>Fewer than one session may have at once.</summary>
    private const int UnderWay = 15;

    [Fact]
    public async Task While_the_models_of_one_sessions_many_dialogues_do_not_answer_another_users_dialogue_goes_on()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var world = await Start(new() { Choose = asked => asked.Model == "ann" ? new Reply { Until = gate.Task } : null });
        var (_, many) = await world.Open(user: "many", budgetCents: "100000");
        var (_, other) = await world.Open(user: "other");

        for (var n = 0; n < Dialogues; n++) await Begin(many, Plan(turns: 1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (world.Models.Upstream.Requests < UnderWay) await timer.WaitForNextTickAsync();

        var id = await Begin(other, Plan(turns: 1, first: "bob"));
        var turn = Assert.Single(Turns(await Until(other, id, "ended")));

        Assert.Equal("said", Text(turn, "state"));
        gate.SetResult();
    }
}
