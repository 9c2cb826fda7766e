using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Application.Calls;
using Agora.Application.Watches;
using Agora.Core.Kernel;
using Agora.Core.Watches;
using Microsoft.Extensions.DependencyInjection;
using static Agora.Api.Tests.Watches.WatchWorld;

namespace Agora.Api.Tests.Watches;

/// <summary>What whoever takes a turn over finds of its call, where that was never let begin: nothing calls anew while it still may be.</summary>
public sealed class OutcomeTests
{
    /// <summary>A command is let in for two minutes by a clock that may be one minute behind.</summary>
    private static readonly TimeSpan LetIn = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_run_that_its_session_does_not_know_is_waited_for_as_long_as_it_may_be_let_in()
    {
        var time = new MovedTime();
        await using var world = await Start(ownTime: time);
        var (session, _) = await world.Open();
        var run = Guid.CreateVersion7(time.GetUtcNow());

        Assert.Equal(WatchOutcome.Unknown, await Of(world, session, run));
        time.Move(LetIn - Margin);
        Assert.Equal(WatchOutcome.Unknown, await Of(world, session, run));
        time.Move(Margin);
        Assert.Equal(WatchOutcome.Failed("unavailable", 0), await Of(world, session, run));
    }

    /// <summary>Another may ask for it once more, where there is room by then.</summary>
    [Fact]
    public async Task A_run_that_a_limit_has_refused_is_waited_for_as_long_as_it_may_be_let_in()
    {
        var time = new MovedTime();
        await using var world = await Start(ownTime: time);
        (await world.Models.Api.Client.Admin(HttpMethod.Put, "/admin/users/ann", """{"daily_cap_cents":0.0001}""")).Expect(200);
        var (session, client) = await world.Open();
        var paused = await Until(client, await Begin(client, Plan(turns: 1)), "paused");
        var run = Assert.Single(Turns(paused)).GetProperty("run_id").GetGuid();

        Assert.Equal(WatchOutcome.Waits, await Of(world, session, run));
        time.Move(LetIn - Margin);
        Assert.Equal(WatchOutcome.Waits, await Of(world, session, run));
        time.Move(Margin);
        Assert.Equal(WatchOutcome.Failed("budget_exceeded", 0), await Of(world, session, run));
    }

    internal static async Task<WatchOutcome> Of(WatchWorld world, ModelSession session, Guid run)
    {
        var services = world.Models.Api.Services;
        var caller = new AgentCaller(Tenant.Default, session.Id, new(run, null), services.GetRequiredService<WatchSettings>().Request);
        var call = new ModelCaller(caller, services.GetRequiredService<SessionCalls>()) { Owner = PlaceOwners.Of(new SessionOf(Tenant.Default, session.Id)) };
        return await services.GetRequiredService<WatchOutcomes>().Of(call, new TurnUnderWay(1, 0, 1, run, session.Id, Guid.NewGuid(), Guid.NewGuid(), 1, default), stopWord: null);
    }
}
